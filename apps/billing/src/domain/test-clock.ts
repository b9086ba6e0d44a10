import { addDays, daysBetween } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';

/** Where a test clock is to go: to a date, or some days on. */
export type Advance = { readonly to: CalendarDate } | { readonly days: number };

export const advanceDaysMax = 366;

/** @throws DomainError `test_clock_backwards`, `test_clock_too_far` */
export function targetOf(advance: Advance, from: CalendarDate): CalendarDate {
  const to = 'to' in advance ? advance.to : addDays(from, advance.days);
  if (to < from) {
    throw new DomainError('test_clock_backwards', `The clock stands at ${from} and does not go back to ${to}.`);
  }
  if (daysBetween(from, to) > advanceDaysMax) {
    throw new DomainError('test_clock_too_far', `From ${from} to ${to} is more than ${advanceDaysMax} days.`);
  }
  return to;
}
