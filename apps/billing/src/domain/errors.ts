/** Every way billing says no. Closed: `problems.ts` must know how each is shown. */
export type BillingErrorCode =
  | 'invalid_policy'
  | 'plan_not_eligible'
  | 'invalid_transaction'
  | 'return_premium_mismatch'
  | 'policy_not_in_force'
  | 'policy_not_cancelled'
  | 'policy_changed'
  | 'transaction_conflict'
  | 'payment_in_progress'
  | 'invalid_plan'
  | 'too_many_plans'
  | 'invalid_hold'
  | 'funds_not_available'
  | 'notice_not_valid'
  | 'unknown_policy'
  | 'agreement_exists'
  | 'nothing_to_pay_out'
  | 'invalid_transition'
  | 'write_off_refused'
  | 'application_refused'
  | 'statement_refused'
  | 'test_clock_not_allowed'
  | 'test_clock_running'
  | 'test_clock_backwards'
  | 'test_clock_too_far'
  | 'test_clock_stalled'
  | 'unknown_quote'
  | 'quotes_already_booked'
  | 'unknown_instalment'
  | 'instalment_not_next';

/** One wrong field of what was sent: `pointer` is a JSON pointer such as `/charges/0/amount`. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

export interface ErrorContext extends Record<string, unknown> {
  readonly errors?: readonly FieldProblem[];
  readonly allowedActions?: readonly string[];
}

export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: BillingErrorCode,
    message: string,
    readonly context: ErrorContext = {},
  ) {
    super(message);
  }
}
