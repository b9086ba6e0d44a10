import type { BillingErrorCode } from './domain/errors.ts';

export const problems: Record<BillingErrorCode, { status: number; title: string }> = {
  invalid_policy: { status: 400, title: 'The policy is not valid' },
  plan_not_eligible: { status: 422, title: 'The plan does not fit the policy' },
  invalid_transaction: { status: 422, title: 'The transaction does not fit the policy' },
  return_premium_mismatch: { status: 422, title: 'The return premium is another one' },
  policy_not_in_force: { status: 409, title: 'The policy is not in force' },
  policy_not_cancelled: { status: 409, title: 'The policy is not cancelled' },
  policy_changed: { status: 409, title: 'The policy has changed meanwhile' },
  transaction_conflict: { status: 409, title: 'The transaction is there with other content' },
  payment_in_progress: { status: 409, title: 'A payment is being collected' },
  funds_not_available: { status: 422, title: 'There is not that much money' },
  invalid_transition: { status: 409, title: 'The state does not allow this' },
  test_clock_not_allowed: { status: 403, title: 'There are no test clocks here' },
  test_clock_running: { status: 409, title: 'The test clock is being advanced' },
  test_clock_backwards: { status: 422, title: 'A test clock only goes forward' },
  test_clock_too_far: { status: 422, title: 'A test clock goes at most 366 days at a time' },
  test_clock_stalled: { status: 503, title: 'A service has not finished the day' },
};
