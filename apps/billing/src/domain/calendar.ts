/** A calendar date 'YYYY-MM-DD'. Two of them compare as strings. */
export type CalendarDate = string;

/** Half-open: `end` is the first date that is no longer part of it. */
export interface Period {
  readonly start: CalendarDate;
  readonly end: CalendarDate;
}

const DAY_MS = 86_400_000;
const shape = /^(\d{4})-(\d{2})-(\d{2})$/;

export function isCalendarDate(text: string): boolean {
  return shape.test(text) && dateOf(utc(text)) === text;
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateOf(utc(date) + days * DAY_MS);
}

/** Whole days from one date to another, negative when `to` is the earlier one. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return (utc(to) - utc(from)) / DAY_MS;
}

export function anchorDay(date: CalendarDate): number {
  return Number(date.slice(8));
}

/**
 * The date `months` after the month of `date`, on the anchor day or the month's last. Always count from the first date
 * with its own anchor: adding a month to the date before drifts (31 January, 28 February, 28 March).
 */
export function addMonths(date: CalendarDate, months: number, anchor = anchorDay(date)): CalendarDate {
  const [year = 0, month = 1] = date.split('-').map(Number);
  const first = utcDate(year, month - 1 + months, 1);
  const last = new Date(utcDate(year, month + months, 0)).getUTCDate();
  return dateOf(first + (Math.min(anchor, last) - 1) * DAY_MS);
}

/** The instant that is noon UTC of a date: the time of day of a test clock. */
export function noonUtc(date: CalendarDate): Date {
  return new Date(utc(date) + DAY_MS / 2);
}

function utc(date: CalendarDate): number {
  const [, year, month, day] = shape.exec(date) ?? [];
  return utcDate(Number(year), Number(month) - 1, Number(day));
}

/** `Date.UTC` reads the years 0 to 99 as 19xx. */
function utcDate(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

function dateOf(ms: number): CalendarDate {
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 10);
}
