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
  return shape.test(text) && dateOf(dayNumber(text)) === text;
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateOf(dayNumber(date) + days);
}

/** Whole days from one date to another, negative when `to` is the earlier one. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return dayNumber(to) - dayNumber(from);
}

export function anchorDay(date: CalendarDate): number {
  return +date.slice(8);
}

/**
 * The date `months` after the month of `date`, on the anchor day or the month's last. Always count from the first date
 * with its own anchor: adding a month to the date before drifts (31 January, 28 February, 28 March).
 */
export function addMonths(date: CalendarDate, months: number, anchor = anchorDay(date)): CalendarDate {
  const month = monthNumber(date) + months;
  const first = firstDayOf(month);
  return dateOf(first + min(anchor, firstDayOf(month + 1) - first) - 1);
}

/** The instant that is noon UTC of a date: the time of day of a test clock. */
export function noonUtc(date: CalendarDate): Date {
  return new Date((dayNumber(date) + 0.5) * DAY_MS);
}

/*
 * Dates are counted as whole days since 1970-01-01 of the Gregorian calendar, without `Date`: making and printing an
 * instant for each was a sixth of the time of a history in the simulation. A year that begins in March has its leap day
 * last, so the days before a month are a straight line; 400 years are always the same number of days.
 */
const { floor, min } = Math;
const DAYS_OF_400_YEARS = 146_097;
const MARCH_OF_YEAR_0_TO_1970 = 719_468;

/** Months since January of the year 0. */
const monthNumber = (date: CalendarDate): number => +date.slice(0, 4) * 12 + +date.slice(5, 7) - 1;

const dayNumber = (date: CalendarDate): number => firstDayOf(monthNumber(date)) + anchorDay(date) - 1;

function firstDayOf(month: number): number {
  const sinceMarch = month - 2;
  const year = floor(sinceMarch / 12);
  const leapDays = floor(year / 4) - floor(year / 100) + floor(year / 400);
  return year * 365 + leapDays + daysBefore(sinceMarch - year * 12) - MARCH_OF_YEAR_0_TO_1970;
}

/** Days of a year that begins in March before its month 0 to 11. */
const daysBefore = (month: number): number => floor((153 * month + 2) / 5);

function dateOf(day: number): CalendarDate {
  const sinceMarchOf0 = day + MARCH_OF_YEAR_0_TO_1970;
  const era = floor(sinceMarchOf0 / DAYS_OF_400_YEARS);
  const dayOfEra = sinceMarchOf0 - era * DAYS_OF_400_YEARS;
  const leapDays = floor(dayOfEra / 1460) - floor(dayOfEra / 36_524) + floor(dayOfEra / 146_096);
  const yearOfEra = floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (yearOfEra * 365 + floor(yearOfEra / 4) - floor(yearOfEra / 100));
  const month = floor((5 * dayOfYear + 2) / 153);
  const year = era * 400 + yearOfEra + (month > 9 ? 1 : 0);
  return `${digits(year, 4)}-${digits(((month + 2) % 12) + 1, 2)}-${digits(dayOfYear - daysBefore(month) + 1, 2)}`;
}

const digits = (value: number, count: number): string => `${value}`.padStart(count, '0');
