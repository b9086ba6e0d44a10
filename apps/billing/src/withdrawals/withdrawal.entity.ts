import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';
import type { WithdrawalKind } from './withdrawal.ts';

/** A refund that was made. What the payment did not hold of it is a shortfall. */
export interface RefundRow {
  readonly tenantId: string;
  /** Of the refund, or of the disbursement where a cheque is how it was made. */
  readonly id: string;
  readonly paymentLocator: string;
  /** `voided`: its cheque was stopped, and the money is here again. */
  readonly state: 'made' | 'voided';
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly coveredMinor: bigint;
  readonly effectiveDate: CalendarDate;
}

const currency = { type: 'char' as const, length: 3, name: 'currency' };
const recordedAt = instant('recorded_at', { default: () => 'now()' });

export const RefundEntity = new EntitySchema<RefundRow & { recordedAt: Date }>({
  name: 'Refund',
  tableName: 'refunds',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    paymentLocator: uuid('payment_locator'),
    state: { type: 'text', name: 'state' },
    currency,
    amountMinor: money('amount_minor'),
    coveredMinor: money('covered_minor'),
    effectiveDate: date('effective_date'),
    recordedAt,
  },
});

/** What left a payment beyond what it held: the payer owes it. */
export interface ShortfallRow {
  readonly tenantId: string;
  readonly id: string;
  readonly paymentLocator: string;
  readonly policyLocator: string | null;
  readonly policyholderLocator: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly cause: WithdrawalKind;
  readonly effectiveDate: CalendarDate;
}

export const ShortfallEntity = new EntitySchema<ShortfallRow & { recordedAt: Date }>({
  name: 'Shortfall',
  tableName: 'shortfalls',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    paymentLocator: uuid('payment_locator'),
    policyLocator: { type: 'text', name: 'policy_locator', nullable: true },
    policyholderLocator: { type: 'text', name: 'policyholder_locator', nullable: true },
    currency,
    amountMinor: money('amount_minor'),
    cause: { type: 'text', name: 'cause' },
    effectiveDate: date('effective_date'),
    recordedAt,
  },
});
