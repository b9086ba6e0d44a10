import fc from 'fast-check';
import { ageBuckets, bucketOf, businessDaysBetween, openedIn } from './ageing.ts';

const on = (date: string, time = '12:00:00') => new Date(`${date}T${time}Z`);

it.each([
  ['a day', '2026-03-02', '2026-03-03', 1],
  ['the same day', '2026-03-02', '2026-03-02', 0],
  ['Friday to Monday', '2026-03-06', '2026-03-09', 1],
  ['Friday to Sunday', '2026-03-06', '2026-03-08', 0],
  ['Saturday to Monday', '2026-03-07', '2026-03-09', 1],
  ['a week', '2026-03-02', '2026-03-09', 5],
  ['a year', '2025-01-01', '2026-01-01', 261],
])('%s', (_, from, to, days) => {
  expect(businessDaysBetween(on(from, '23:59:59'), on(to, '00:00:00'))).toBe(days);
});

it.each([
  ['2026-03-06', '0-1'],
  ['2026-03-05', '2-5'],
  ['2026-03-02', '2-5'],
  ['2026-02-27', '6-15'],
  ['2026-02-13', '16-30'],
  ['2026-01-23', '31-60'],
  ['2025-12-12', '61-90'],
  ['2025-10-31', '90+'],
])('what was opened on %s is on Monday 2026-03-09 in %s', (opened, bucket) => {
  expect(bucketOf(on(opened), on('2026-03-09'))).toBe(bucket);
});

const instant = fc.date({ min: on('2020-01-01'), max: on('2027-01-01'), noInvalidDate: true });

it('days are counted as walking counts them', () => {
  const walk = fc.property(instant, fc.nat({ max: 400 }), (from, days) => {
    let counted = 0;
    for (let n = 1; n <= days; n++) {
      const weekday = new Date(from.getTime() + n * 86_400_000).getUTCDay();
      if (weekday !== 0 && weekday !== 6) counted++;
    }
    expect(businessDaysBetween(from, new Date(from.getTime() + days * 86_400_000))).toBe(counted);
  });
  fc.assert(walk, { numRuns: 50 });
});

it('a range holds exactly what is in its bucket', () => {
  const ranges = fc.property(instant, fc.nat({ max: 200 * 86_400 }), (now, seconds) => {
    const opened = new Date(now.getTime() - seconds * 1_000);
    const holding = ageBuckets.filter((bucket) => {
      const { from, before } = openedIn(bucket, now);
      return (from === null || opened >= from) && (before === null || opened < before);
    });
    expect(holding).toEqual([bucketOf(opened, now)]);
  });
  fc.assert(ranges, { numRuns: 100 });
});
