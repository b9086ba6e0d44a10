import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Disbursement } from '../domain/disbursement.ts';

export const DisbursementEntity = new EntitySchema<Disbursement>({
  name: 'disbursement',
  tableName: 'disbursements',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    version: { type: 'integer' },
    state: { type: 'text' },
    requestId: uuid('request_id', { nullable: true }),
    refundId: uuid('refund_id', { nullable: true }),
    paymentId: uuid('payment_id', { nullable: true }),
    payeeType: { type: 'text', name: 'payee_type' },
    payeeLocator: { type: 'text', name: 'payee_locator', nullable: true },
    policyLocator: { type: 'text', name: 'policy_locator', nullable: true },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3 },
    method: { type: 'text' },
    sourceType: { type: 'text', name: 'source_type' },
    sourceId: { type: 'text', name: 'source_id', nullable: true },
    reason: { type: 'text', nullable: true },
    reference: { type: 'text', nullable: true },
    requestedBy: { type: 'text', name: 'requested_by', nullable: true },
    approvedBy: { type: 'text', name: 'approved_by', nullable: true },
    failureCode: { type: 'text', name: 'failure_code', nullable: true },
    effectiveOn: date('effective_on', { nullable: true }),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
  },
});
