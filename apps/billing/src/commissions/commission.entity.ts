import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { CommissionAgreement } from '../domain/commission.ts';
import type { CommissionEntry, CommissionPayout } from '../domain/producer-account.ts';

const text = (name: string) => ({ type: 'text' as const, name });
const currency = { type: 'char' as const, length: 3, name: 'currency' };
const millionths = {
  type: 'integer' as const,
  name: 'rate_millionths',
  transformer: { to: (rate: bigint) => Number(rate), from: (rate: number) => BigInt(rate) },
};

export const CommissionAgreementEntity = new EntitySchema<CommissionAgreement>({
  name: 'CommissionAgreement',
  tableName: 'commission_agreements',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    producerId: text('producer_id'),
    rate: millionths,
    basis: text('basis'),
    earn: text('earn'),
    effectiveFrom: date('effective_from'),
    createdAt: instant('created_at'),
  },
});

export const CommissionEntryEntity = new EntitySchema<CommissionEntry & { recordedAt: Date }>({
  name: 'CommissionEntry',
  tableName: 'commission_entries',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    commissionId: uuid('commission_id'),
    number: { type: 'integer', name: 'number' },
    producerId: text('producer_id'),
    policyLocator: uuid('policy_locator'),
    state: text('state'),
    amountMinor: money('amount_minor'),
    currency,
    payoutId: uuid('payout_id', { nullable: true }),
    bookedOn: date('booked_on'),
    recordedAt: instant('recorded_at', { default: () => 'now()' }),
  },
});

export const CommissionPayoutEntity = new EntitySchema<CommissionPayout>({
  name: 'CommissionPayout',
  tableName: 'commission_payouts',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    producerId: text('producer_id'),
    currency,
    amountMinor: money('amount_minor'),
    createdAt: instant('created_at'),
  },
});
