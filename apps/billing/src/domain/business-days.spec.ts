import fc from 'fast-check';
import { isBusinessDay, rollForward } from './business-days.ts';
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
