import fc from 'fast-check';
import { addDays } from './calendar.ts';
import { isPastDue, isTimeZone, localDate, pastDueAt, startOfDay } from './zone.ts';

describe('past due', () => {
  it('S-25: due on the day clocks go forward in New York, past due at 04:00Z of the next and not at 05:00Z', () => {
    const zone = 'America/New_York';
    expect(pastDueAt('2025-03-09', zone).toISOString()).toBe('2025-03-10T04:00:00.000Z');
    expect(isPastDue('2025-03-09', new Date('2025-03-10T03:59:59.999Z'), zone)).toBe(false);
    expect(isPastDue('2025-03-09', new Date('2025-03-10T04:00:00.000Z'), zone)).toBe(true);
  });

  it('is not past due on the due date itself', () => {
    expect(isPastDue('2025-03-09', new Date('2025-03-09T12:00:00Z'), 'UTC')).toBe(false);
  });
});

describe('the first instant of a date', () => {
  it.each([
    ['2025-01-01', 'UTC', '2025-01-01T00:00:00.000Z'],
    ['2025-01-01', 'America/New_York', '2025-01-01T05:00:00.000Z'],
    ['2025-07-01', 'Asia/Kolkata', '2025-06-30T18:30:00.000Z'],
    ['2025-07-01', 'Pacific/Kiritimati', '2025-06-30T10:00:00.000Z'],
    ['2025-07-01', 'Etc/GMT+12', '2025-07-01T12:00:00.000Z'],
    // Clocks go forward at midnight: the day begins at 01:00.
    ['2025-04-25', 'Africa/Cairo', '2025-04-24T22:00:00.000Z'],
    ['2025-03-30', 'Asia/Beirut', '2025-03-29T22:00:00.000Z'],
    ['2025-03-09', 'America/Havana', '2025-03-09T05:00:00.000Z'],
    // The date that Samoa left out: the first instant after it.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('of %s in %s is %s', (date, zone, instant) => {
    expect(startOfDay(date, zone).toISOString()).toBe(instant);
  });

  it('is the boundary of the date in every zone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const date = fc.integer({ min: 0, max: 25_000 }).map((days) => addDays('1975-01-01', days));
    fc.assert(
      fc.property(date, fc.constantFrom(...zones), (day, zone) => {
        const start = startOfDay(day, zone);
        expect(localDate(start, zone) >= day).toBe(true);
        expect(localDate(new Date(start.getTime() - 1000), zone) < day).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('time zones', () => {
  it.each(['UTC', 'Europe/Paris', 'America/Argentina/Ushuaia', 'Etc/GMT+12'])('%s is one', (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each(['Mars/Olympus', '+02:00', '', 'Europe', '<script>'])('%p is none', (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });

  it('tells the local date across midnight', () => {
    const instant = new Date('2025-01-01T23:30:00Z');
    expect([localDate(instant, 'Europe/Paris'), localDate(instant, 'America/New_York')]).toEqual([
      '2025-01-02',
      '2025-01-01',
    ]);
  });
});
