import type { ChargeSegment } from './earning.ts';
import { refundBounds, refundDueOn, returnRuleInForce } from './return-rule.ts';
import type { ReturnCase, ReturnRule } from './return-rule.ts';
import { percent, whole } from './rate.ts';
import { returnPremium } from './return-premium.ts';
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

const since = { effectiveFrom: '2000-01-01', effectiveTo: null, tenureFromDays: 0, tenureToDays: null };
const plain = { ...since, returnsFeesOnFlat: true, shortRateTable: null };
const motor = { jurisdiction: 'US-FL', line: 'motor', citation: 'Fla. Stat. 627.7283' };
/** Not legal advice: no row here was checked by counsel. */
const examples: readonly Omit<ReturnRule, 'id' | 'reviewedBy'>[] = [
  {
    ...{ ...plain, jurisdiction: 'GB', line: null, citation: 'FCA ICOBS 7.2', tenureToDays: 14 },
    ...{ reason: 'insured_request', methods: ['pro_rata', 'flat'], dueDays: 30, countFrom: 'request' },
    ...{ returnedAtLeast: whole, latePart: null },
  },
  {
    ...{ ...plain, ...motor, reason: 'insured_request', methods: ['pro_rata', 'short_rate_90'], dueDays: 30 },
    ...{ countFrom: 'later_of_both', returnedAtLeast: percent(90), latePart: percent(8) },
  },
  {
    ...{ ...plain, ...motor, reason: 'underwriting', methods: ['pro_rata', 'flat'], dueDays: 15 },
    ...{ countFrom: 'effective', returnedAtLeast: whole, latePart: percent(8) },
  },
];
const rules = examples.map((rule, index): ReturnRule => ({ ...rule, id: String(index), reviewedBy: 'R' }));

function ruleFor(of: ReturnCase): ReturnRule {
  const rule = returnRuleInForce(rules, of);
  if (!rule) throw new Error('no rule');
  return rule;
}

it('S-55: a cooling-off costs the days of cover and nothing else', () => {
  const of = {
    ...({ jurisdiction: 'GB', line: 'home', reason: 'insured_request', policySince: term.start } as const),
    effectiveOn: '2025-01-11',
  };
  const rule = ruleFor(of);
  expect(rule.methods).toEqual(['pro_rata', 'flat']);
  const result = returned(30_800n, '2025-01-11', 'pro_rata');
  expect(result).toMatchObject({ earnedMinor: 844n, returnedMinor: 29_956n });
  expect(refundBounds(rule, result.returnedMinor).leastMinor).toBe(29_956n);
  expect(refundDueOn(rule, { ...of, requestedOn: '2025-01-11' })).toBe('2025-02-10');
  expect(returnRuleInForce(rules, { ...of, effectiveOn: '2025-01-16' })).toBeNull();
});

describe('S-56: motor in Florida', () => {
  const of = { jurisdiction: 'US-FL', line: 'motor', policySince: term.start, effectiveOn: '2025-04-11' };

  it('the insured cancels: 90 % within 30 days of the later of effect and request', () => {
    const rule = ruleFor({ ...of, reason: 'insured_request' });
    const { returnedMinor } = returned(120_000n, of.effectiveOn, 'short_rate_90');
    expect(returnedMinor).toBe(78_411n);
    expect(refundBounds(rule, 87_123n).leastMinor).toBe(78_411n);
    expect(refundDueOn(rule, { ...of, requestedOn: '2025-04-01' })).toBe('2025-05-11');
    expect(refundDueOn(rule, { ...of, requestedOn: '2025-04-20' })).toBe('2025-05-20');
  });

  it('the insurer cancels: all of it within 15 days, and 8 % on top when late', () => {
    const rule = ruleFor({ ...of, reason: 'underwriting' });
    expect(refundDueOn(rule, { ...of, requestedOn: '2025-04-01' })).toBe('2025-04-26');
    expect(refundBounds(rule, 87_123n)).toEqual({ leastMinor: 87_123n, lateMinor: 6970n });
  });
});

describe('which rule holds', () => {
  const of: ReturnCase = {
    ...({ jurisdiction: 'GB', line: 'motor', reason: 'insured_request', policySince: '2025-04-05' } as const),
    effectiveOn: '2025-04-11',
  };
  const ofLine: ReturnRule = {
    ...{ ...rules[0]!, line: 'motor', effectiveFrom: '2025-04-11', effectiveTo: '2025-04-15' },
  };

  it('one for the line goes before one for all, within its dates', () => {
    const rowed = [...rules, ofLine];
    expect(returnRuleInForce(rowed, of)).toBe(ofLine);
    expect(returnRuleInForce(rowed, { ...of, line: 'home' })).toBe(rules[0]);
    expect(returnRuleInForce(rowed, { ...of, effectiveOn: '2025-04-10' })).toBe(rules[0]);
    expect(returnRuleInForce(rowed, { ...of, effectiveOn: '2025-04-15' })).toBe(rules[0]);
  });

  it('none where none was written', () => {
    expect(returnRuleInForce(rules, { ...of, jurisdiction: 'FR' })).toBeNull();
    expect(returnRuleInForce(rules, { ...of, reason: 'underwriting' })).toBeNull();
  });
});
