import { noonUtc } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';

/** `HH:MM` by the clock on the wall; a policy in the United States begins and ends at 00:01. */
export type TimeOfDay = string;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const shape = /^([01]\d|2[0-3]):[0-5]\d$/;

export function isTimeOfDay(text: string): boolean {
  return shape.test(text);
}

/**
 * When it is that time on that date in a zone. Of a time that the clocks show twice it is the first one; for one that
 * they leave out it is the first instant after it.
 */
export function instantAt(date: CalendarDate, time: TimeOfDay, zone: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const wall = noonUtc(date).getTime() + (hours - 12) * HOUR_MS + minutes * MINUTE_MS;
  // No zone changes its clocks twice within these two days, and none is further from UTC than one.
  const offsets = [wall - 24 * HOUR_MS, wall + 24 * HOUR_MS].map((near) => wallTime(near, zone) - near);
  const candidates = offsets.map((offset) => wall - offset);
  const exact = candidates.filter((instant) => wallTime(instant, zone) === wall);
  if (exact.length > 0) return new Date(Math.min(...exact));
  let before = Math.min(...candidates);
  let after = Math.max(...candidates);
  while (after - before > 1000) {
    const middle = before + Math.floor((after - before) / 2000) * 1000;
    if (wallTime(middle, zone) < wall) before = middle;
    else after = middle;
  }
  return new Date(after);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock in the zone shows, as if it were UTC. */
function wallTime(instant: number, zone: string): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  const date = `${year?.padStart(4, '0')}-${month}-${day}`;
  return noonUtc(date).getTime() + (Number(hour) - 12) * HOUR_MS + Number(minute) * MINUTE_MS + Number(second) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    const two = '2-digit' as const;
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
    });
    formats.set(zone, format);
  }
  return format;
}
