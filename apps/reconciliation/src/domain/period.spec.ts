import type { DomainError } from './errors.ts';
import { closable, lastDayOf, stateOf } from './period.ts';

const closings = { closedThrough: '2026-01', softClosedThrough: '2026-03' };

it.each([
  ['2025-12', 'closed'],
  ['2026-01', 'closed'],
  ['2026-02', 'soft_closed'],
  ['2026-03', 'soft_closed'],
  ['2026-04', 'open'],
])('%s is %s where January is closed and March soft-closed', (month, state) => {
  expect(stateOf(month, closings)).toBe(state);
  expect(stateOf(month, { closedThrough: null, softClosedThrough: null })).toBe('open');
});

const refusal = (month: string, to: 'soft_closed' | 'closed', today: string | null) => {
  try {
    return closable(month, to, { ...closings, today });
  } catch (error) {
    return (error as DomainError).code;
  }
};

it.each([
  ['2025-12', 'soft_closed', 'period_closed'],
  ['2026-01', 'closed', 'period_closed'],
  ['2026-02', 'soft_closed', 'period_closed'],
  ['2026-02', 'closed', undefined],
  ['2026-03', 'closed', undefined],
  ['2026-04', 'soft_closed', undefined],
  ['2026-05', 'closed', 'period_not_over'],
  ['2026-06', 'soft_closed', 'period_not_over'],
] as const)('closing %s to %s in May: %s', (month, to, code) => {
  expect(refusal(month, to, '2026-05-31')).toBe(code);
});

it('a month of the future is closed where the clock is none of ours', () => {
  expect(refusal('2031-01', 'closed', null)).toBeUndefined();
});

it.each([
  ['2026-02', '2026-02-28'],
  ['2028-02', '2028-02-29'],
  ['2026-12', '2026-12-31'],
])('the last day of %s is %s', (month, day) => {
  expect(lastDayOf(month)).toBe(day);
});
