import type { CalendarDate } from './calendar.ts';
import { addDays, daysBetween } from './calendar.ts';

/** On which days after the first attempt a charge is tried: the first one is day 0. */
export type RetryDays = readonly number[];

/**
 * When a charge that may succeed later is tried again. D is the policy-local date on which it was first asked for.
 *
 *   attempt   1   2     3     4     5
 *   on        D   D+1   D+3   D+5   D+7
 *
 * A day before the next step against the policyholder (a notice is D+8) the last word is spoken.
 */
export const defaultRetryDays: RetryDays = [0, 1, 3, 5, 7];

/** The days that leave a whole day before each step against the policyholder, of which the last one ends it. */
export function alignedWith(days: RetryDays, escalationDays: readonly number[]): RetryDays {
  const last = Math.max(...escalationDays);
  return days.filter((day) => day === 0 || (day < last && !escalationDays.includes(day)));
}

export interface FailedAttempt {
  readonly attempt: number;
  /** When attempt 1 was asked for. */
  readonly firstOn: CalendarDate;
  readonly failedOn: CalendarDate;
}

export interface RetryTerms {
  readonly days: RetryDays;
  /** The date of the step against the policyholder that no retry may reach. */
  readonly before: CalendarDate | null;
}

/** The next attempt, or null after the last. Never the day of the failure itself, however late that came. */
export function nextAttempt(
  failed: FailedAttempt,
  { days, before }: RetryTerms = { days: defaultRetryDays, before: null },
): { attempt: number; on: CalendarDate } | null {
  const day = days[failed.attempt];
  if (day === undefined) return null;
  const planned = addDays(failed.firstOn, day);
  const earliest = addDays(failed.failedOn, 1);
  const on = planned < earliest ? earliest : planned;
  return before !== null && on >= before ? null : { attempt: failed.attempt + 1, on };
}

/**
 * soft            it may succeed later: it is tried again
 * needs_customer  the customer has to do something first: it is not tried, and everything takes its time
 * hard            it will not succeed with this instrument: it is not tried, and there is nothing to wait for
 */
export const failureCategories = ['soft', 'needs_customer', 'hard'] as const;
export type FailureCategory = (typeof failureCategories)[number];

const revoked = ['R05', 'R07', 'R10', 'R29'];
const needsNewAccount = ['R02', 'R03', 'R04', 'R12', 'R13', 'R14', 'R15', 'R16', 'R20'];
const insufficient = ['R01', 'R09'];
const chargebacks = ['chargeback'];

/**
 * What a bank's return means for the next attempt. A code that nobody knows is for people, not for a machine to try.
 */
export function categoryOfReturn(code: string): FailureCategory {
  if (insufficient.includes(code)) return 'soft';
  return [...revoked, ...needsNewAccount, ...chargebacks].includes(code) ? 'hard' : 'needs_customer';
}

export const rePresentmentsMax = 2;
const rePresentWithinDays = 180;

export interface ReturnedEntry extends FailedAttempt {
  readonly code: string;
  /** How often the bank has sent this debt back, this time included. */
  readonly returns: number;
  /** When the original entry settled. */
  readonly settledOn: CalendarDate;
}

/**
 * NACHA: an entry that came back for want of money may be presented twice more, within 180 days of the first: on the
 * day after it came back, whatever the days of retries are, unless nothing is ever tried again.
 */
export function nextPresentment(
  { code, returns, settledOn, attempt, failedOn }: ReturnedEntry,
  { days, before }: RetryTerms = { days: defaultRetryDays, before: null },
): { attempt: number; on: CalendarDate } | null {
  if (categoryOfReturn(code) !== 'soft' || returns > rePresentmentsMax || days.length <= 1) return null;
  const on = addDays(failedOn, 1);
  if ((before !== null && on >= before) || daysBetween(settledOn, on) > rePresentWithinDays) return null;
  return { attempt: attempt + 1, on };
}
