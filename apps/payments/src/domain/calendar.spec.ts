import { businessDateOf, dateOf, dayAfter } from './calendar.ts';

it('knows the UTC date of an instant', () => {
  expect(dateOf(new Date('2026-01-31T23:59:59.999Z'))).toBe('2026-01-31');
});

it.each([
  ['2026-01-31', '2026-02-01'],
  ['2028-02-28', '2028-02-29'],
  ['2026-12-31', '2027-01-01'],
])('knows the day after %s', (date, next) => {
  expect(dayAfter(date)).toBe(next);
});

describe('the business date of an asking', () => {
  const today = '2026-01-15';
  const due = (dueOn: string) => ({ dueOn, isRetry: false });

  it.each([
    ['on real time', due('2026-01-15'), null, null],
    ['on real time and late', due('2026-01-10'), null, null],
    ['the first day of a test clock', due('2026-02-01'), null, '2026-02-01'],
    ['due on the day that is about to be announced', due('2026-02-02'), '2026-02-01', '2026-02-02'],
    ['due at once, between two days', due('2025-12-01'), '2026-02-01', '2026-02-01'],
    ['a retry, which comes with a new day', { dueOn: '2026-02-01', isRetry: true }, '2026-02-03', '2026-02-04'],
  ])('%s', (_name, ask, reached, expected) => {
    expect(businessDateOf(ask, reached, today)).toBe(expected);
  });
});
