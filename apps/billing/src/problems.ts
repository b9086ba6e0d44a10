import type { BillingErrorCode } from './domain/errors.ts';

export const problems: Record<BillingErrorCode, { status: number; title: string }> = {
  invalid_policy: { status: 400, title: 'The policy is not valid' },
  plan_not_eligible: { status: 422, title: 'The plan does not fit the policy' },
  funds_not_available: { status: 422, title: 'There is not that much money' },
  write_off_refused: { status: 422, title: 'That cannot be written off' },
  application_refused: { status: 422, title: 'The money cannot be applied like that' },
  statement_refused: { status: 422, title: 'There can be no statement for this' },
  invalid_transition: { status: 409, title: 'The state does not allow this' },
  test_clock_not_allowed: { status: 403, title: 'There are no test clocks here' },
  test_clock_running: { status: 409, title: 'The test clock is being advanced' },
  test_clock_backwards: { status: 422, title: 'A test clock only goes forward' },
  test_clock_too_far: { status: 422, title: 'A test clock goes at most 366 days at a time' },
  test_clock_stalled: { status: 503, title: 'A service has not finished the day' },
};
