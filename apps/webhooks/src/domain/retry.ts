/**
 * Waits before each attempt, in milliseconds; ten attempts over 75 h 35 min.
 *
 * | attempt | 1 | 2   | 3     | 4      | 5   | 6   | 7    | 8    | 9    | 10   |
 * | wait    | 0 | 5 s | 5 min | 30 min | 2 h | 5 h | 10 h | 14 h | 20 h | 24 h |
 */
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
export const defaultSchedule: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

export const retryAfterMaxMs = 24 * hour;
const jitterMax = 0.2;

/** An endpoint's own schedule is in whole seconds; null: the platform's. */
export function scheduleOf(retrySchedule: readonly number[] | null, platform: readonly number[]): readonly number[] {
  return retrySchedule?.map((wait) => wait * second) ?? platform;
}

export interface RetryInput {
  readonly schedule: readonly number[];
  /** Attempts made so far, the one that just failed included. */
  readonly attempts: number;
  readonly retryAfterMs: number;
  readonly now: Date;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** When to try again, or null when the schedule is used up. Jitter only ever adds: no receiver's wait is cut short. */
export function nextAttemptAt(input: RetryInput): Date | null {
  const wait = input.schedule[input.attempts];
  if (wait === undefined) return null;
  const atLeast = Math.max(wait, Math.min(input.retryAfterMs, retryAfterMaxMs));
  return new Date(input.now.getTime() + Math.ceil(atLeast * (1 + jitterMax * input.random)));
}

/** `Retry-After` as seconds or an HTTP date; anything else, and the past, is no hint at all. */
export function retryAfterMs(header: string | null, now: Date): number {
  const text = header?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * second, retryAfterMaxMs);
  if (!/^[A-Za-z]{3,9},? /.test(text)) return 0;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.min(Math.max(at - now.getTime(), 0), retryAfterMaxMs);
}

/** No attempt of the schedule could come any later, with all the jitter there is. */
export function isPastSchedule(since: number, schedule: readonly number[], now: number): boolean {
  const longest = schedule.reduce((sum, wait) => sum + wait, 0) * (1 + jitterMax);
  return now - since > longest;
}
