import type { ChargeSegment } from './earning.ts';
import type { RefundCase, RefundRule } from './refund-rule.ts';
import { exampleRefundRules as rules, findRefundRule, refundBounds, refundDueOn } from './refund-rule.ts';
import { returnPremium, settle } from './return-premium.ts';
import { exampleTable } from './short-rate-table.ts';

const term = { start: '2025-01-01', end: '2026-01-01' };
const premium = (amountMinor: bigint): ChargeSegment => {
  return { category: 'premium', handling: 'proratable', amountMinor, coverage: term };
};
const returned = (amountMinor: bigint, effectiveOn: string, method: 'pro_rata' | 'short_rate_90') =>
  returnPremium([premium(amountMinor)], {
    term,
    effectiveOn,
    method,
    minimumEarnedRate: null,
    returnsFeesOnFlat: true,
    table: exampleTable,
  });

function ruleFor(of: RefundCase): RefundRule {
  const rule = findRefundRule(rules, of);
  if (!rule) throw new Error('no rule');
  return rule;
}

it('S-55: a cooling-off costs the days of cover and nothing else', () => {
  const of = { jurisdiction: 'GB', line: 'home', reason: 'cooling_off', effectiveOn: '2025-01-11' } as const;
  const rule = ruleFor({ ...of, requestedOn: '2025-01-11' });
  expect(rule.methods).toEqual(['pro_rata']);
  const result = returned(30_800n, '2025-01-11', 'pro_rata');
  expect(result).toMatchObject({ earnedMinor: 844n, returnedMinor: 29_956n });
  expect(refundBounds(rule, result.returnedMinor).leastMinor).toBe(29_956n);
  expect([settle(result, 30_800n), settle(result, 2567n)].map(({ refundMinor }) => refundMinor)).toEqual([
    29_956n,
    1723n,
  ]);
  expect(refundDueOn(rule, { ...of, requestedOn: '2025-01-11' })).toBe('2025-02-10');
});

describe('S-56: motor in Florida', () => {
  const of = { jurisdiction: 'US-FL', line: 'motor', effectiveOn: '2025-04-11', requestedOn: '2025-04-01' };

  it('the insured cancels: 90 % within 30 days of the later of effect and request', () => {
    const request = { ...of, reason: 'insured_request' } as const;
    const rule = ruleFor(request);
    const { returnedMinor } = returned(120_000n, of.effectiveOn, 'short_rate_90');
    expect(returnedMinor).toBe(78_411n);
    expect(refundBounds(rule, 87_123n).leastMinor).toBe(78_411n);
    expect(refundDueOn(rule, request)).toBe('2025-05-11');
    expect(refundDueOn(rule, { ...request, requestedOn: '2025-04-20' })).toBe('2025-05-20');
  });

  it('the insurer cancels: all of it within 15 days, and 8 % on top when late', () => {
    const decision = { ...of, reason: 'insurer' } as const;
    const rule = ruleFor(decision);
    expect(refundDueOn(rule, decision)).toBe('2025-04-26');
    expect(refundBounds(rule, 87_123n)).toEqual({ leastMinor: 87_123n, lateMinor: 6970n });
  });
});

describe('which rule holds', () => {
  const of: RefundCase = {
    jurisdiction: 'GB',
    line: 'motor',
    reason: 'cooling_off',
    effectiveOn: '2025-04-11',
    requestedOn: '2025-04-11',
  };
  const ofLine: RefundRule = { ...rules[0]!, line: 'motor', effectiveFrom: '2025-04-11', effectiveTo: '2025-05-01' };

  it('one for the line goes before one for all, within its dates', () => {
    const dated = [...rules, ofLine];
    expect(findRefundRule(dated, of)).toBe(ofLine);
    expect(findRefundRule(dated, { ...of, line: 'home' })).toBe(rules[0]);
    expect(findRefundRule(dated, { ...of, effectiveOn: '2025-04-10' })).toBe(rules[0]);
    expect(findRefundRule(dated, { ...of, effectiveOn: '2025-05-01' })).toBe(rules[0]);
  });

  it('none where none was written', () => {
    expect(findRefundRule(rules, { ...of, jurisdiction: 'FR' })).toBeNull();
    expect(findRefundRule(rules, { ...of, reason: 'insurer' })).toBeNull();
  });
});
