import type { ReconciliationErrorCode } from './domain/errors.ts';

export const problems: Readonly<Record<ReconciliationErrorCode, { status: number; title: string }>> = {
  entry_unbalanced: { status: 422, title: 'The debits of the entry do not equal its credits' },
  entry_not_booked: { status: 409, title: 'The entry to be reversed is not in the ledger' },
  account_not_defined: { status: 422, title: 'No account of the chart is meant for this' },
  file_unreadable: { status: 422, title: 'The file is not what it seems, or not whole: nothing of it was stored' },
  invalid_transition: { status: 409, title: 'The state does not allow this' },
  write_off_without_amount: { status: 422, title: 'The exception is not about an amount' },
  write_off_account_needed: { status: 422, title: 'It is not known in which account the difference stands' },
  approver_not_independent: { status: 409, title: 'Somebody else has to approve' },
  statement_not_held: { status: 409, title: 'The statement is not held, so there is nothing to accept' },
  deposit_matched: { status: 409, title: 'The deposit is matched already' },
  export_empty: { status: 422, title: 'Nothing is booked in the range of the export' },
  ledger_busy: { status: 503, title: 'Entries are being booked that belong into the range' },
  match_not_possible: { status: 422, title: 'These items cannot be one match' },
  item_not_open: { status: 409, title: 'An item is matched already, or withdrawn' },
  match_unbalanced: { status: 422, title: 'The sides of the match do not come to the same' },
  remittance_unbalanced: { status: 409, title: 'The remittance does not add up, or contradicts another' },
  matching_busy: { status: 503, title: 'A run is looking at these items' },
  entry_not_reversible: { status: 409, title: 'The entry cannot be reversed by hand' },
  period_closed: { status: 409, title: 'The month is closed already' },
  period_not_over: { status: 422, title: 'The month is not over' },
};
