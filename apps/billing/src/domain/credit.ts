import type { CalendarDate } from './calendar.ts';

/** Where money comes from: cash that was received, a credit that we owe, or cash that a partner collected and holds. */
export type MoneyKind = 'payment' | 'credit' | 'partner';

/**
 * return_premium      cover that was paid for, or billed, and will not be given
 * endorsement         the same, by a change of what is covered
 * invalidation        a change that was billed, and did not take place
 * partner_collection  a partner says that it has collected an instalment
 */
export type CreditSource = 'return_premium' | 'endorsement' | 'invalidation' | 'partner_collection';

/** Money that pays debts as a payment does, and is none. */
export interface Credit {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: Exclude<MoneyKind, 'payment'>;
  readonly source: CreditSource;
  readonly policyLocator: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly transactionId: string | null;
  /** The credit memo that says so, where there is one. */
  readonly memoId: string | null;
  readonly effectiveDate: CalendarDate;
}
