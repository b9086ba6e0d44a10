import { defaultRules, matchPasses, reconSets, ruleFaults } from './match-rules.ts';
import type { MatchRule } from './match-rules.ts';

const rule = (over: Partial<MatchRule>): MatchRule => ({
  ...{ pass: 'reference', auto: false, daysBefore: null, daysAfter: null, autoLimitMinor: 0, toleranceMinor: 0 },
  ...over,
});

it.each(reconSets)('the rules of the product for %s are without fault, and the surest come first', (set) => {
  const rules = defaultRules[set];
  expect(ruleFaults(rules)).toEqual([]);
  const places = rules.map(({ pass }) => matchPasses.indexOf(pass));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

it('nothing of the product is confirmed by amount and day alone', () => {
  for (const set of reconSets) {
    const byItself = defaultRules[set].filter(({ auto }) => auto).map(({ pass }) => pass);
    expect(byItself.filter((pass) => !['reference', 'second_reference', 'group_sum'].includes(pass))).toEqual([]);
  }
});

it.each([
  ['twice', [rule({}), rule({})], { index: 1, field: 'pass' }],
  [
    'a pass that only suggests, by itself',
    [rule({ pass: 'subset_sum', auto: true, daysBefore: 1, daysAfter: 1 })],
    { index: 0, field: 'auto' },
  ],
  ['days that are missing', [rule({ pass: 'amount_date', daysBefore: 1 })], { index: 0, field: 'daysAfter' }],
  [
    'a tolerance of nothing',
    [rule({ pass: 'tolerance', daysBefore: 1, daysAfter: 1 })],
    { index: 0, field: 'toleranceMinor' },
  ],
])('%s is a fault', (_what, rules, fault) => {
  expect(ruleFaults(rules)).toMatchObject([fault]);
});
