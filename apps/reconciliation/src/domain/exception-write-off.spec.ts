import { money } from '@quittance/money/money';
import { accountOfDifference, approvalsNeeded, approved, differenceWrittenOff } from './exception-write-off.ts';
import { isAllowed } from './exception-write-off.ts';

const limits = { tolerance: 100n, oneApprover: 50_000n };

it.each([
  [100n, 'USD', 0],
  [-100n, 'USD', 0],
  [101n, 'USD', 1],
  [50_000n, 'USD', 1],
  [50_001n, 'USD', 2],
  [-50_001n, 'USD', 2],
  [1n, 'JPY', 0],
  [2n, 'JPY', 1],
  [500n, 'JPY', 1],
  [501n, 'JPY', 2],
  [1_000n, 'KWD', 0],
  [1_001n, 'KWD', 1],
  [500_000n, 'KWD', 1],
  [500_001n, 'KWD', 2],
])('%s minor units of %s need %s approvers', (minor, currency, needed) => {
  expect(approvalsNeeded(money(minor, currency), limits)).toBe(needed);
});

it('is approved by others than who asked, and by each of them once', () => {
  const asked = { requestedBy: 'ann', approvedBy: [], approvalsNeeded: 2 };
  const refused = expect.objectContaining({ code: 'approver_not_independent' });
  expect(() => approved(asked, 'ann')).toThrow(refused);
  const once = approved(asked, 'bob');
  expect(isAllowed(once)).toBe(false);
  expect(() => approved(once, 'bob')).toThrow(refused);
  expect(isAllowed(approved(once, 'cas'))).toBe(true);
});

it('stands in the account of its type, or in the one that a person names', () => {
  expect(accountOfDifference('payout_unbalanced', undefined)).toBe('payouts_in_transit');
  expect(accountOfDifference('payout_unbalanced', '1100')).toBe('clearing_card');
  const needed = expect.objectContaining({ code: 'write_off_account_needed' });
  expect(() => accountOfDifference('amount_mismatch', undefined)).toThrow(needed);
  expect(() => accountOfDifference('amount_mismatch', '5135')).toThrow(needed);
  expect(() => accountOfDifference('amount_mismatch', '9999')).toThrow(needed);
});

const inShort = (minor: bigint, isSmall: boolean) =>
  differenceWrittenOff(money(minor, 'USD'), 'payouts_in_transit', isSmall).map((each) => [each.account, each.amount]);

it('is an expense where money is missing, and the other way round where it is too much', () => {
  expect(inShort(57n, true)).toEqual([
    ['5135', 57n],
    ['1150', -57n],
  ]);
  expect(inShort(-20_000n, false)).toEqual([
    ['5130', -20_000n],
    ['1150', 20_000n],
  ]);
});
