import fc from 'fast-check';
import { addDays } from './calendar.ts';
import { instantAt, isTimeOfDay } from './time-of-day.ts';
import { localDate } from './zone.ts';

describe('a time of day in a zone', () => {
  it.each([
    ['2025-03-12', '00:01', 'America/New_York', '2025-03-12T04:01:00.000Z'],
    ['2025-03-09', '00:01', 'America/New_York', '2025-03-09T05:01:00.000Z'],
    ['2025-03-09', '12:01', 'America/New_York', '2025-03-09T16:01:00.000Z'],
    // Left out by the clocks: the first instant after it.
    ['2025-03-09', '02:30', 'America/New_York', '2025-03-09T07:00:00.000Z'],
    ['2025-04-25', '00:01', 'Africa/Cairo', '2025-04-24T22:00:00.000Z'],
    ['2025-03-30', '00:01', 'Asia/Beirut', '2025-03-29T22:00:00.000Z'],
    ['2025-03-09', '00:01', 'America/Havana', '2025-03-09T05:00:00.000Z'],
    ['2011-12-30', '12:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    // Shown twice: the first one.
    ['2025-11-02', '01:30', 'America/New_York', '2025-11-02T05:30:00.000Z'],
    ['2025-11-02', '00:01', 'America/Havana', '2025-11-02T04:01:00.000Z'],
    ['2025-07-01', '00:01', 'Pacific/Kiritimati', '2025-06-30T10:01:00.000Z'],
    ['2025-07-01', '23:59', 'Etc/GMT+12', '2025-07-02T11:59:00.000Z'],
  ])('%s %s in %s is %s', (date, time, zone, instant) => {
    expect(instantAt(date, time, zone).toISOString()).toBe(instant);
  });

  it('is on its date in every zone, unless the zone leaves that date out', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const anyDate = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('1990-01-01', days));
    const anyTime = fc.constantFrom('00:00', '00:01', '02:30', '12:01', '23:59');
    fc.assert(
      fc.property(anyDate, anyTime, fc.constantFrom(...zones), (date, time, zone) => {
        expect(localDate(instantAt(date, time, zone), zone) >= date).toBe(true);
        expect(localDate(new Date(instantAt(date, time, zone).getTime() - 86_400_000), zone) < date).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['00:00', '00:01', '23:59'])('%s is one', (text) => expect(isTimeOfDay(text)).toBe(true));
  it.each(['24:00', '0:01', '12:60', '', '00:01:00'])('%p is none', (text) => expect(isTimeOfDay(text)).toBe(false));
});
