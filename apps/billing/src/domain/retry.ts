import type { CalendarDate } from './calendar.ts';
import { addDays } from './calendar.ts';

/**
 * When a charge that may succeed later is tried again. D is the policy-local date on which it was first asked for.
 *
 *   attempt   1   2     3     4     5
 *   on        D   D+1   D+3   D+5   D+7
 *
 * A day before the next step against the policyholder (a notice is D+8) the last word is spoken.
 */
const daysAfterFirst: readonly number[] = [0, 1, 3, 5, 7];

export const attemptsMax = daysAfterFirst.length;

export interface FailedAttempt {
  readonly attempt: number;
  /** When attempt 1 was asked for. */
  readonly firstOn: CalendarDate;
  readonly failedOn: CalendarDate;
}

/** The next attempt, or null after the last. Never the day of the failure itself, however late that came. */
export function nextAttempt(failed: FailedAttempt): { attempt: number; on: CalendarDate } | null {
  const days = daysAfterFirst[failed.attempt];
  if (days === undefined) return null;
  const planned = addDays(failed.firstOn, days);
  const earliest = addDays(failed.failedOn, 1);
  return { attempt: failed.attempt + 1, on: planned < earliest ? earliest : planned };
}
