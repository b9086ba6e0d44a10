import { ruleInForce } from './delinquency-rule.ts';
import type { DelinquencyRule, RuleQuestion } from './delinquency-rule.ts';
import { exampleRules } from './example-rules.ts';

const row = (id: string, said: Partial<DelinquencyRule> = {}): DelinquencyRule => ({
  ...exampleRules[0]!,
  ...{ jurisdiction: null, line: null, isExample: false, reviewedBy: 'counsel', effectiveFrom: '2020-01-01', id },
  ...said,
});
const question: RuleQuestion = {
  jurisdiction: 'US-NY',
  line: 'motor',
  reason: 'past_due',
  on: '2025-03-05',
  policySince: '2025-01-01',
};
const chosen = (rules: readonly DelinquencyRule[], said: Partial<RuleQuestion> = {}) =>
  ruleInForce(rules, { ...question, ...said })?.id ?? null;

describe('the rule in force', () => {
  it('is none while a tenant has taken over none: the shipped examples are off', () => {
    expect(exampleRules.every(({ isExample, reviewedBy }) => isExample && reviewedBy === null)).toBe(true);
    expect(chosen(exampleRules)).toBeNull();
    expect(chosen(exampleRules.map((rule) => ({ ...rule, isExample: false })))).toBeNull();
  });

  it('is the most particular: jurisdiction and line, jurisdiction, line, any', () => {
    const rules = [
      row('any'),
      row('line', { line: 'motor' }),
      row('place', { jurisdiction: 'US-NY' }),
      row('both', { jurisdiction: 'US-NY', line: 'motor' }),
    ];
    expect(chosen(rules)).toBe('both');
    expect(chosen(rules, { line: 'home' })).toBe('place');
    expect(chosen(rules, { jurisdiction: 'US-CA' })).toBe('line');
    expect(chosen(rules, { jurisdiction: null, line: null })).toBe('any');
  });

  it('is the one of the date: a later row takes over, a row that has ended is gone', () => {
    const rules = [row('old'), row('new', { effectiveFrom: '2025-03-05' })];
    expect([chosen(rules, { on: '2025-03-04' }), chosen(rules)]).toEqual(['old', 'new']);
    const ended = [row('ended', { effectiveTo: '2025-03-05' })];
    expect([chosen(ended, { on: '2025-03-04' }), chosen(ended)]).toEqual(['ended', null]);
  });

  it('is the one for the reason, where there is one', () => {
    const rules = [row('reason', { reason: 'nsf' }), row('any', { jurisdiction: 'US-NY' })];
    expect([chosen(rules), chosen(rules, { reason: 'nsf' })]).toEqual(['any', 'reason']);
  });

  it('knows the first days of a policy', () => {
    const rules = [row('new', { tenureToDays: 60 }), row('settled', { tenureFromDays: 61 })];
    expect(chosen(rules, { policySince: '2025-01-04' })).toBe('new');
    expect(chosen(rules, { policySince: '2025-01-03' })).toBe('settled');
  });
});
