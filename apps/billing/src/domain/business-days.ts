import { addDays, noonUtc } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';

/** The dates of a holiday calendar: those of a rule row, since every jurisdiction has its own. */
export type Holidays = ReadonlySet<CalendarDate>;

export const noHolidays: Holidays = new Set();

/** Monday to Friday, less the holidays. */
export function isBusinessDay(date: CalendarDate, holidays: Holidays = noHolidays): boolean {
  const weekday = noonUtc(date).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.has(date);
}

/** The date itself, or the next business day after it. */
export function rollForward(date: CalendarDate, holidays: Holidays = noHolidays): CalendarDate {
  let rolled = date;
  while (!isBusinessDay(rolled, holidays)) rolled = addDays(rolled, 1);
  return rolled;
}
