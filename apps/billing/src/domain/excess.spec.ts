import { defaultExcessPlan, excessOf } from './excess.ts';
import type { ExcludedDebits } from './excess.ts';

const debts = { pastDueMinor: 10_000n, openMinor: 5000n, unbilledMinor: 95_000n };
const plan = (excludeDebits: ExcludedDebits, floor = 0n) => ({
  ...{ disburseExcess: true, excludeDebits },
  floors: new Map([['USD', floor]]),
});

it.each<[ExcludedDebits, bigint]>([
  ['none', 110_000n],
  ['pastDueInvoices', 100_000n],
  ['allInvoices', 95_000n],
  ['invoicesAndUnbilledInstalments', 0n],
])('S-41: of U 1,100.00 the rule %s pays out %s', (rule, excess) => {
  expect(excessOf(110_000n, 'USD', debts, plan(rule))).toBe(excess);
});

it.each([
  ['1.06 below a floor of 5.00 stays unapplied', 106n, 500n, 0n],
  ['5.00 is not below it', 500n, 500n, 500n],
  ['without a floor a cent is paid out', 1n, 0n, 1n],
])('S-53: %s', (_name, unapplied, floor, excess) => {
  const none = { pastDueMinor: 0n, openMinor: 0n, unbilledMinor: 0n };
  expect(excessOf(unapplied, 'USD', none, plan('allInvoices', floor))).toBe(excess);
});

it('nothing is paid out where nobody said so', () => {
  expect(excessOf(110_000n, 'USD', debts, defaultExcessPlan)).toBe(0n);
});

it('the floor is for what is left of the debts', () => {
  expect(excessOf(15_400n, 'USD', debts, plan('allInvoices', 500n))).toBe(0n);
});
