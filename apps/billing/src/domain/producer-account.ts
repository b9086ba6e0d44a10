import type { CalendarDate } from './calendar.ts';
import type { CommissionEntryState } from './commission.ts';

/** One change of a commission, as it stands in the producer's account. Append-only. */
export interface CommissionEntry {
  readonly tenantId: string;
  readonly id: string;
  readonly commissionId: string;
  /** Of the commission's entries: its version, and the sequence of the event that says so. */
  readonly number: number;
  readonly producerId: string;
  readonly policyLocator: string;
  readonly state: CommissionEntryState;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly payoutId: string | null;
  readonly bookedOn: CalendarDate;
}

/** Everything that a producer had earned in a currency, paid at once. */
export interface CommissionPayout {
  readonly tenantId: string;
  readonly id: string;
  readonly producerId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly createdAt: Date;
}

/** Half-open; null: from the first entry, or to the last. */
export interface StatementPeriod {
  readonly from: CalendarDate | null;
  readonly to: CalendarDate | null;
}

/** What a producer's account in one currency came to in a period: opening + earned − paid = closing. */
export interface ProducerBalance {
  readonly currency: string;
  readonly openingMinor: bigint;
  readonly earnedMinor: bigint;
  readonly paidMinor: bigint;
  readonly closingMinor: bigint;
  /** What may still be earned, at the end of the period. */
  readonly reservedMinor: bigint;
}
