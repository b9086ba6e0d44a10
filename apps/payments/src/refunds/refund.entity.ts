import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Refund } from '../domain/refund.ts';

export const RefundEntity = new EntitySchema<Refund>({
  name: 'refund',
  tableName: 'refunds',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    version: { type: 'integer' },
    paymentId: uuid('payment_id'),
    state: { type: 'text' },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3 },
    destination: { type: 'text' },
    reason: { type: 'text' },
    requestedBy: { type: 'text', name: 'requested_by' },
    decidedBy: { type: 'text', name: 'decided_by', nullable: true },
    provider: { type: 'text', nullable: true },
    chargeRef: { type: 'text', name: 'charge_ref', nullable: true },
    providerRef: { type: 'text', name: 'provider_ref', nullable: true },
    attemptNo: { type: 'integer', name: 'attempt_no' },
    failure: { type: 'jsonb', nullable: true },
    disbursementId: uuid('disbursement_id', { nullable: true }),
    note: { type: 'text', nullable: true },
    businessOn: date('business_on', { nullable: true }),
    checks: { type: 'integer' },
    nextCheckAt: instant('next_check_at', { nullable: true }),
    alarmedAt: instant('alarmed_at', { nullable: true }),
    effectiveOn: date('effective_on', { nullable: true }),
    createdAt: instant('created_at'),
    submittedAt: instant('submitted_at', { nullable: true }),
    finishedAt: instant('finished_at', { nullable: true }),
  },
});
