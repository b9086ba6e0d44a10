import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Currency, LocalDate } from './schema.ts';

/** The books up to and with this day are shut: what has its date before is booked on a later one. */
export const LedgerDayClosedData = Type.Object(
  {
    /** The last day of the month. */
    date: LocalDate,
    /** Entries of the tenant up to the close, and the head of the tree of their hashes. */
    entries: Type.Integer({ minimum: 0 }),
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** What was debited in the month, by the kind of fact that it was booked for. */
    totals: Type.Array(
      Type.Object(
        {
          source: Code,
          entries: Type.Integer({ minimum: 1 }),
          currency: Currency,
          // A month of all may be more than an amount of one.
          amount: Type.String({ pattern: '^\\d+(\\.\\d{1,4})?$' }),
        },
        { title: 'SourceTotal' },
      ),
    ),
    openExceptions: Type.Integer({ minimum: 0 }),
  },
  { title: 'LedgerDayClosed' },
);
export type LedgerDayClosedData = Static<typeof LedgerDayClosedData>;

export const ledgerDayEvents = define('RECONCILIATION', 'reconciliation', {
  'ledger_day.closed': event('A month of the books was closed, up to and with its last day.', LedgerDayClosedData, {
    date: '2025-01-31',
    entries: 3,
    hash: '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    totals: [
      { source: 'allocation', entries: 1, currency: 'USD', amount: '25.67' },
      { source: 'invoice', entries: 1, currency: 'USD', amount: '25.67' },
      { source: 'payment', entries: 1, currency: 'USD', amount: '25.67' },
    ],
    openExceptions: 0,
  }),
});
