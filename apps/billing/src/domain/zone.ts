import type { CalendarDate } from './calendar.ts';
import { addDays, noonUtc } from './calendar.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** What {@link startOfDay} has found, by zone and date: a schedule asks for the same dates as the one before it. */
const starts = new Map<string, number>();
const startsMax = 20_000;

/** Whether `zone` is an IANA time zone name. Offsets such as `+02:00` are none: they know no daylight saving. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The calendar date that an instant has in a zone. */
export function localDate(instant: Date, zone: string): CalendarDate {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = value;
  return `${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}`;
}

const HOUR_MS = 3_600_000;
const SECOND_MS = 1000;

/**
 * The first instant of a date in a zone. Not always midnight: where clocks are put forward at 00:00 the day begins at
 * 01:00, and a zone may skip a date altogether (then it is the first instant after).
 */
export function startOfDay(date: CalendarDate, zone: string): Date {
  const key = `${zone} ${date}`;
  const known = starts.get(key);
  if (known !== undefined) return new Date(known);
  if (starts.size >= startsMax) starts.clear();
  const start = findStart(date, zone);
  starts.set(key, start);
  return new Date(start);
}

function findStart(date: CalendarDate, zone: string): number {
  const midnight = noonUtc(date).getTime() - 12 * HOUR_MS;
  // No zone is more than 14 hours ahead of UTC or 12 behind it.
  let before = midnight - 15 * HOUR_MS;
  let reached = midnight + 13 * HOUR_MS;
  while (reached - before > SECOND_MS) {
    const middle = before + Math.floor((reached - before) / 2 / SECOND_MS) * SECOND_MS;
    if (localDate(new Date(middle), zone) < date) before = middle;
    else reached = middle;
  }
  return reached;
}

/** Something due on a date is past due from the first instant of the next one. */
export function isPastDue(dueOn: CalendarDate, now: Date, zone: string): boolean {
  return localDate(now, zone) > dueOn;
}

/** The first instant at which {@link isPastDue} holds. */
export function pastDueAt(dueOn: CalendarDate, zone: string): Date {
  return startOfDay(addDays(dueOn, 1), zone);
}

/** Making a formatter costs fifty times what using it does. */
function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}
