import fc from 'fast-check';
import { addBusinessDays, isBusinessDay, rollForward } from './business-days.ts';
import { addDays } from './calendar.ts';

const holidays = new Set(['2025-03-10', '2025-07-04']);

describe('business days', () => {
  it.each([
    ['2025-03-07', 'a Friday', true],
    ['2025-03-08', 'a Saturday', false],
    ['2025-03-09', 'a Sunday', false],
    ['2025-03-10', 'a Monday that is a holiday', false],
    ['2025-03-11', 'a Tuesday', true],
  ])('%s, %s: %s', (date, _what, expected) => {
    expect(isBusinessDay(date, holidays)).toBe(expected);
  });

  it.each([
    ['2025-03-07', '2025-03-07'],
    ['2025-03-08', '2025-03-11'],
    ['2025-07-04', '2025-07-07'],
  ])('%s rolls to %s', (date, rolled) => {
    expect(rollForward(date, holidays)).toBe(rolled);
  });

  it.each([
    ['2025-03-06', 0, '2025-03-06'],
    ['2025-03-06', 1, '2025-03-07'],
    ['2025-03-06', 2, '2025-03-11'],
    // Day 0 is not counted, though it is none: the first business day after a Saturday is the Monday.
    ['2025-03-01', 1, '2025-03-03'],
    ['2025-03-01', 6, '2025-03-11'],
  ])('from %s, %i business days on it is %s', (date, days, expected) => {
    expect(addBusinessDays(date, days, holidays)).toBe(expected);
  });

  it('rolls to the first business day that is not before the date', () => {
    const anyDate = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('2000-01-01', days));
    fc.assert(
      fc.property(anyDate, (date) => {
        const rolled = rollForward(date, holidays);
        expect(isBusinessDay(rolled, holidays)).toBe(true);
        for (let day = date; day < rolled; day = addDays(day, 1)) expect(isBusinessDay(day, holidays)).toBe(false);
      }),
    );
  });
});
