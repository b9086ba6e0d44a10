import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Dispute } from '../domain/dispute.ts';

export const DisputeEntity = new EntitySchema<Dispute>({
  name: 'dispute',
  tableName: 'disputes',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    version: { type: 'integer' },
    paymentId: uuid('payment_id'),
    provider: { type: 'text' },
    providerRef: { type: 'text', name: 'provider_ref' },
    stage: { type: 'text' },
    state: { type: 'text' },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3 },
    feeMinor: money('fee_minor'),
    reasonCode: { type: 'text', name: 'reason_code' },
    evidenceDueAt: instant('evidence_due_at', { nullable: true }),
    doubleRecoveryMinor: money('double_recovery_minor'),
    effectiveOn: date('effective_on', { nullable: true }),
    heardAt: instant('heard_at'),
    warnedAt: instant('warned_at', { nullable: true }),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    finishedAt: instant('finished_at', { nullable: true }),
  },
});
