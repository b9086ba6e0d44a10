import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Attempt } from '../domain/attempt.ts';

export const AttemptEntity = new EntitySchema<Attempt>({
  name: 'payment_attempt',
  tableName: 'payment_attempts',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    paymentId: uuid('payment_id', { primary: true }),
    n: { type: 'integer', primary: true },
    operation: { type: 'text' },
    chargeRef: { type: 'text', name: 'charge_ref', nullable: true },
    state: { type: 'text' },
    provider: { type: 'text' },
    token: { type: 'text', nullable: true },
    providerRef: { type: 'text', name: 'provider_ref', nullable: true },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3 },
    confirmedMinor: money('confirmed_minor', { nullable: true }),
    confirmedCurrency: { type: 'char', length: 3, name: 'confirmed_currency', nullable: true },
    sourceType: { type: 'text', name: 'source_type', nullable: true },
    sourceId: { type: 'text', name: 'source_id', nullable: true },
    sourceAttempt: { type: 'integer', name: 'source_attempt', nullable: true },
    failure: { type: 'jsonb', nullable: true },
    actionUrl: { type: 'text', name: 'action_url', nullable: true },
    expiresAt: instant('expires_at', { nullable: true }),
    reason: { type: 'text', nullable: true },
    businessOn: date('business_on', { nullable: true }),
    checks: { type: 'integer' },
    nextCheckAt: instant('next_check_at', { nullable: true }),
    alarmedAt: instant('alarmed_at', { nullable: true }),
    correlationId: { type: 'text', name: 'correlation_id', nullable: true },
    traceparent: { type: 'text', nullable: true },
    createdAt: instant('created_at'),
    submittedAt: instant('submitted_at', { nullable: true }),
    finishedAt: instant('finished_at', { nullable: true }),
  },
});
