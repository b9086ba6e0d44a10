import type { DomainError } from './errors.ts';
import { differenceBooked, needsSecondPerson, weigh } from './manual-match.ts';
import type { Side } from './manual-match.ts';

const item = (id: string, side: 'A' | 'B', minor: bigint, over: Partial<Side> = {}): Side => ({
  ...{ id, side, set: 'settlement_batch_deposit', amount: { minor, currency: 'USD' }, state: 'open' },
  ...over,
});
const fault = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    const { code, context } = error as DomainError;
    return [code, (context['errors'] as { pointer: string }[])[0]?.pointer];
  }
  return 'none';
};

it('many on one side come to one on the other', () => {
  const found = [item('1', 'A', 10_000n), item('2', 'A', 20_000n), item('3', 'B', 30_000n)];
  expect(weigh(['1', '2', '3'], found, null)).toEqual({
    ...{ amount: { minor: 30_000n, currency: 'USD' }, diffMinor: 0n },
    ...{ aItems: ['1', '2'], bItems: ['3'] },
  });
});

it('a difference has a reason, and nothing else has', () => {
  const found = [item('1', 'A', 92_010n), item('2', 'B', 91_510n)];
  expect(weigh(['1', '2'], found, 'bank_charge').diffMinor).toBe(500n);
  expect(fault(() => weigh(['1', '2'], found, null))).toEqual(['match_unbalanced', '/differenceReason']);
  const even = [item('1', 'A', 5n), item('2', 'B', 5n)];
  expect(fault(() => weigh(['1', '2'], even, 'fee'))).toEqual(['match_unbalanced', '/differenceReason']);
});

it.each([
  ['an item that is not there', ['1', '9'], [item('1', 'A', 5n)], ['match_not_possible', '/items/1']],
  [
    'two sets',
    ['1', '2'],
    [item('1', 'A', 5n), item('2', 'B', 5n, { set: 'other' })],
    ['match_not_possible', '/items/1'],
  ],
  [
    'two currencies',
    ['1', '2'],
    [item('1', 'A', 5n), item('2', 'B', 5n, { amount: { minor: 5n, currency: 'EUR' } })],
    ['match_not_possible', '/items/1'],
  ],
  ['one side only', ['1', '2'], [item('1', 'A', 5n), item('2', 'A', -5n)], ['match_not_possible', '/items']],
  [
    'what is matched',
    ['1', '2'],
    [item('1', 'A', 5n), item('2', 'B', 5n, { state: 'matched' })],
    ['item_not_open', '/items/1'],
  ],
  [
    'what is withdrawn',
    ['1', '2'],
    [item('1', 'A', 5n, { state: 'withdrawn' }), item('2', 'B', 5n)],
    ['item_not_open', '/items/0'],
  ],
])('%s is refused with its place', (_what, wanted, found, expected) => {
  expect(fault(() => weigh(wanted, found, null))).toEqual(expected);
});

it('a second person is needed above the limits only, in units of any currency', () => {
  const limits = { fourEyesAbove: 1_000_000n, differenceAbove: 100n };
  const of = (minor: bigint, diffMinor: bigint, currency = 'USD') =>
    needsSecondPerson({ amount: { minor, currency }, diffMinor, aItems: [], bItems: [] }, limits);
  expect([of(1_000_000n, 0n), of(1_000_001n, 0n), of(-1_000_001n, 0n)]).toEqual([false, true, true]);
  expect([of(5n, 100n), of(5n, -101n)]).toEqual([false, true]);
  expect([of(10_000n, 0n, 'JPY'), of(10_001n, 0n, 'JPY')]).toEqual([false, true]);
});

it('what the bank kept is an expense, and leaves the bank', () => {
  const lines = differenceBooked({ minor: 500n, currency: 'USD' }, 'bank_charge');
  expect(lines.map(({ account, amount }) => [account, amount])).toEqual([
    ['5140', 500n],
    ['1020', -500n],
  ]);
});
