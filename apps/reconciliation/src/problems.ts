import type { ReconciliationErrorCode } from './domain/errors.ts';

export const problems: Readonly<Record<ReconciliationErrorCode, { status: number; title: string }>> = {
  entry_unbalanced: { status: 422, title: 'The debits of the entry do not equal its credits' },
  entry_not_booked: { status: 409, title: 'The entry to be reversed is not in the ledger' },
  account_not_defined: { status: 422, title: 'No account of the chart is meant for this' },
  file_unreadable: { status: 422, title: 'The file is not what it seems, or not whole: nothing of it was stored' },
  entry_not_reversible: { status: 409, title: 'The entry cannot be reversed by hand' },
  period_closed: { status: 409, title: 'The month is closed already' },
  period_not_over: { status: 422, title: 'The month is not over' },
};
