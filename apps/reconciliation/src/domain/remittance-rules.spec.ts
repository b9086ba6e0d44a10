import { noSums, remittancePosted, withAdjustments, withClaim } from './remittance-rules.ts';
import type { PaidClaim } from './remittance-rules.ts';

const claim = (over: Partial<PaidClaim>): PaidClaim => ({
  ...{ status: '1', charge: 40_000n, paid: 39_500n, lines: [], adjustments: [{ group: 'PR', amount: 500n }] },
  ...over,
});
const plb = (reason: string, amount: bigint) => ({ reason, amount });
const short = (sums: Parameters<typeof remittancePosted>[0]) =>
  remittancePosted(sums, 'USD').map(({ account, amount }) => `${account} ${amount}`);

it('billed 400, paid 395, 5 for the patient: the entry of the book', () => {
  expect(short(withClaim(noSums, claim({}), true))).toEqual(['1130 39500', '1240 500', '1230 -40000']);
});

it('WO +3.95 takes from the payment, L6 -1.00 adds to it', () => {
  const sums = withAdjustments(withClaim(noSums, claim({}), true), [plb('WO', 395n), plb('L6', -100n)]);
  expect(short(sums)).toEqual(['1130 39205', '1240 500', '2400 395', '4300 -100', '1230 -40000']);
});

it('an original, its reversal and the corrected claim end at the corrected value', () => {
  const negated = [{ group: 'PR', amount: -500n }];
  const reversal = claim({ status: '22', charge: -40_000n, paid: -39_500n, adjustments: negated });
  const corrected = claim({
    paid: 30_000n,
    adjustments: [{ group: 'CO', amount: 10_000n }],
  });
  const sums = [claim({}), reversal, corrected].reduce((total, each) => withClaim(total, each, true), noSums);
  expect(short(sums)).toEqual(['1130 30000', '4210 10000', '1230 -40000']);
});

it('money of a claim that cannot be placed is unidentified, so that the cash is what was paid', () => {
  expect(short(withClaim(noSums, claim({ status: '22', paid: -39_500n }), false))).toEqual([
    '1130 -39500',
    '2110 39500',
  ]);
  expect(short(withClaim(noSums, claim({ status: '25', paid: 0n }), true))).toEqual([]);
});
