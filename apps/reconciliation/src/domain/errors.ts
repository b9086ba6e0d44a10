export type ReconciliationErrorCode =
  | 'entry_unbalanced'
  | 'entry_not_booked'
  | 'account_not_defined'
  | 'file_unreadable'
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
