import { EntitySchema } from 'typeorm';
import { date, money, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Charge } from '../domain/charge.ts';

export interface StoredCharge extends Charge {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
  /** Null for a fee that billing itself assesses. */
  readonly transactionId: string | null;
  readonly position: number;
  readonly currency: string;
  readonly termNumber: number;
  readonly coverageStart: CalendarDate;
  readonly coverageEnd: CalendarDate;
  /** What was taken out again before it was billed. */
  readonly voidedMinor: bigint;
  /** The charge that this one gives back. */
  readonly offsetsChargeId: string | null;
}

export const ChargeEntity = new EntitySchema<StoredCharge>({
  name: 'Charge',
  tableName: 'charges',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    policyLocator: uuid('policy_locator'),
    transactionId: uuid('transaction_id', { nullable: true }),
    position: { type: 'integer', name: 'position' },
    category: { type: 'text', name: 'category' },
    code: { type: 'text', name: 'code', nullable: true },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3, name: 'currency' },
    handling: { type: 'text', name: 'handling' },
    termNumber: { type: 'integer', name: 'term_number', default: 1 },
    coverageStart: date('coverage_start'),
    coverageEnd: date('coverage_end'),
    voidedMinor: money('voided_minor', { default: 0 }),
    offsetsChargeId: uuid('offsets_charge_id', { nullable: true }),
  },
});
