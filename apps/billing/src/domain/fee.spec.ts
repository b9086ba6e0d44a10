import { feeOn, feeRuleInForce, lateFeeOn } from './fee.ts';
import type { FeeRule } from './fee.ts';

const rule: FeeRule = {
  ...{ id: 'fee', type: 'nsf_fee', currency: 'USD', amountMinor: 2500n, basisPoints: 0, capMinor: null, afterDays: 0 },
  ...{ jurisdiction: null, line: null, effectiveFrom: '2025-01-01', effectiveTo: null, citation: null },
};
const question = { type: 'nsf_fee', currency: 'USD', jurisdiction: 'US-NY', line: 'motor', on: '2025-03-05' } as const;

describe('a fee', () => {
  it('is none where no rule says so', () => {
    expect(feeOn(feeRuleInForce([], question), 10_000n)).toBe(0n);
    expect(feeRuleInForce([{ ...rule, type: 'late_fee' }], question)).toBeNull();
    expect(feeRuleInForce([{ ...rule, currency: 'EUR' }], question)).toBeNull();
    expect(feeRuleInForce([{ ...rule, effectiveFrom: '2025-03-06' }], question)).toBeNull();
  });

  it('S-87: 25.00 for a payment that the bank sent back', () => {
    expect(feeOn(feeRuleInForce([rule], question), 10_000n)).toBe(2500n);
  });

  it.each([
    [0n, 150, null, 10_000n, 150n],
    [0n, 150, null, 10_033n, 150n],
    [0n, 150, null, 10_034n, 151n],
    [500n, 150, null, 10_000n, 650n],
    [500n, 150, 600n, 10_000n, 600n],
    [2500n, 0, 2500n, 1n, 2500n],
  ])('%s and %i basis points, at most %s, of %s: %s', (amountMinor, basisPoints, capMinor, base, fee) => {
    expect(feeOn({ ...rule, amountMinor, basisPoints, capMinor }, base)).toBe(fee);
  });

  it('of the jurisdiction goes before the general one', () => {
    const local = { ...rule, id: 'local', jurisdiction: 'US-NY', amountMinor: 2000n };
    expect(feeRuleInForce([local, rule], question)?.id).toBe('local');
  });

  it('for lateness is not before its days have passed', () => {
    expect([lateFeeOn('2025-03-01', { afterDays: 0 }), lateFeeOn('2025-03-01', { afterDays: 5 })]).toEqual([
      '2025-03-02',
      '2025-03-07',
    ]);
  });
});
