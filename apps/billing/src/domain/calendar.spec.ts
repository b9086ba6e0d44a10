import fc from 'fast-check';
import { addDays, addMonths, daysBetween, isCalendarDate, noonUtc } from './calendar.ts';

const anchored = (start: string, count: number, every = 1) =>
  Array.from({ length: count }, (_, i) => addMonths(start, i * every));

describe('months from an anchor day', () => {
  it('S-18: monthly from 31 January ends each month on its last day and never drifts', () => {
    expect(anchored('2025-01-31', 12)).toEqual([
      '2025-01-31',
      '2025-02-28',
      '2025-03-31',
      '2025-04-30',
      '2025-05-31',
      '2025-06-30',
      '2025-07-31',
      '2025-08-31',
      '2025-09-30',
      '2025-10-31',
      '2025-11-30',
      '2025-12-31',
    ]);
  });

  it('S-19: monthly from 30 January is short in February only', () => {
    expect(anchored('2025-01-30', 4)).toEqual(['2025-01-30', '2025-02-28', '2025-03-30', '2025-04-30']);
  });

  it('S-20: a year from 29 February is 365 days, and the twelfth instalment is on 29 January', () => {
    expect(addMonths('2024-02-29', 12)).toBe('2025-02-28');
    expect(daysBetween('2024-02-29', '2025-02-28')).toBe(365);
    expect(addMonths('2024-02-29', 11)).toBe('2025-01-29');
  });

  it('S-21: quarterly from 30 November', () => {
    expect(anchored('2024-11-30', 4, 3)).toEqual(['2024-11-30', '2025-02-28', '2025-05-30', '2025-08-30']);
  });

  it('S-22: six months from 31 August are 181 days', () => {
    expect(anchored('2025-08-31', 6)).toEqual([
      '2025-08-31',
      '2025-09-30',
      '2025-10-31',
      '2025-11-30',
      '2025-12-31',
      '2026-01-31',
    ]);
    expect(addMonths('2025-08-31', 6)).toBe('2026-02-28');
    expect(daysBetween('2025-08-31', '2026-02-28')).toBe(181);
  });

  it('goes backwards and over years', () => {
    expect(addMonths('2025-01-31', -2)).toBe('2024-11-30');
    expect(addMonths('2024-01-31', 25)).toBe('2026-02-28');
  });
});

describe('dates', () => {
  it.each(['2025-01-31', '2024-02-29', '0099-12-31', '9999-12-31'])('%s is one', (text) => {
    expect(isCalendarDate(text)).toBe(true);
  });

  it.each([
    '2025-02-29',
    '2025-13-01',
    '2025-00-10',
    '2025-1-1',
    '2025-01-01T00:00:00Z',
    '',
    '25-01-01',
    ' 2025-01-01',
  ])('%p is none', (text) => {
    expect(isCalendarDate(text)).toBe(false);
  });

  it('counts days over a leap day, and noon is 12:00 UTC', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(daysBetween('2025-03-01', '2025-02-01')).toBe(-28);
    expect(noonUtc('2025-03-09').toISOString()).toBe('2025-03-09T12:00:00.000Z');
  });

  it("are those of the platform's calendar, each day of 800 years", () => {
    const first = Date.UTC(1600, 0, 1);
    const days = (Date.UTC(2400, 0, 1) - first) / 86_400_000;
    const wrong = Array.from({ length: days }, (_, day) => day).filter(
      (day) => addDays('1600-01-01', day) !== new Date(first + day * 86_400_000).toISOString().slice(0, 10),
    );
    expect([days, wrong]).toEqual([292_194, []]);
  });

  const date = fc.integer({ min: -20_000, max: 60_000 }).map((days) => addDays('1970-01-01', days));

  it('adding days and counting them undo each other', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -5000, max: 5000 }), (from, days) => {
        expect(daysBetween(from, addDays(from, days))).toBe(days);
      }),
    );
  });

  it('anchored dates strictly increase and stay on the anchor day or the last of the month', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 0, max: 400 }), (start, months) => {
        const [one, next] = [addMonths(start, months), addMonths(start, months + 1)];
        expect(next > one).toBe(true);
        const isAnchor = one.slice(8) === start.slice(8);
        expect(isAnchor || addDays(one, 1).endsWith('-01')).toBe(true);
      }),
    );
  });
});
