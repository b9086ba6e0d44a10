export type ReconciliationErrorCode =
  | 'entry_unbalanced'
  | 'entry_not_booked'
  | 'account_not_defined'
  | 'file_unreadable'
  | 'invalid_transition'
  | 'write_off_without_amount'
  | 'write_off_account_needed'
  | 'approver_not_independent'
  | 'statement_not_held'
  | 'deposit_matched'
  | 'export_empty'
  | 'ledger_busy'
  | 'match_not_possible'
  | 'item_not_open'
  | 'match_unbalanced'
  | 'matching_busy'
  | 'remittance_unbalanced'
  | 'entry_not_reversible'
  | 'period_closed'
  | 'period_not_over';

/** A rule of the ledger says no. HTTP knows nothing of it but the code. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ReconciliationErrorCode,
    message: string,
    readonly context: Record<string, unknown> = {},
  ) {
    super(message);
  }
}
