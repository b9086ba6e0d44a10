import type { ReconciliationErrorCode } from './domain/errors.ts';

export const problems: Readonly<Record<ReconciliationErrorCode, { status: number; title: string }>> = {
  entry_unbalanced: { status: 422, title: 'The debits of the entry do not equal its credits' },
  entry_not_booked: { status: 409, title: 'The entry to be reversed is not in the ledger' },
  account_not_defined: { status: 422, title: 'No account of the chart is meant for this' },
  file_unreadable: { status: 422, title: 'The file is not what it seems, or not whole: nothing of it was stored' },
  export_empty: { status: 422, title: 'Nothing is booked in the range of the export' },
  ledger_busy: { status: 503, title: 'Entries are being booked that belong into the range' },
};
