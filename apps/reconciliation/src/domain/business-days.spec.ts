import fc from 'fast-check';
import { businessDaysAfter, inBankBy, settleBy } from './business-days.ts';

it.each([
  // 2025-01-17 is a Friday.
  ['2025-01-17', 1, '2025-01-20'],
  ['2025-01-17', 3, '2025-01-22'],
  ['2025-01-13', 4, '2025-01-17'],
  ['2025-01-13', 5, '2025-01-20'],
  ['2025-01-18', 1, '2025-01-20'],
  ['2025-01-19', 1, '2025-01-20'],
  ['2024-12-30', 10, '2025-01-13'],
])('%s and %i working days are %s', (date, days, expected) => {
  expect(businessDaysAfter(date, days)).toBe(expected);
});

it('ends on a working day, after as many as were asked for', () => {
  const day = fc
    .integer({ min: 0, max: 3_000 })
    .map((n) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10));
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 30 }), (date, days) => {
      const end = businessDaysAfter(date, days);
      let count = 0;
      for (let at = Date.parse(date) + 86_400_000; at <= Date.parse(end); at += 86_400_000) {
        if (![0, 6].includes(new Date(at).getUTCDay())) count += 1;
      }
      expect(count).toBe(days);
      expect([0, 6]).not.toContain(new Date(end).getUTCDay());
    }),
    { numRuns: 100 },
  );
});

it('waits for each way of paying as long as it takes', () => {
  const methods = ['card', 'ach', 'check', 'lockbox', 'cash', 'wire', null];
  expect(methods.map((method) => settleBy(method, '2025-01-13'))).toEqual([
    ...['2025-01-20', '2025-01-17', '2025-01-27', '2025-01-27', null, null, null],
  ]);
  expect(inBankBy('2025-01-17')).toBe('2025-01-21');
});
