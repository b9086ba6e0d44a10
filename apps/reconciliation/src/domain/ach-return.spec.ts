import { achIdentification, codeRule, knownCodes } from './ach-return.ts';

it('knows what each family of codes makes of an entry', () => {
  const kinds = Object.groupBy(knownCodes, (code) => codeRule(code).kind);
  expect(Object.fromEntries(Object.entries(kinds).map(([kind, codes]) => [kind, codes?.length]))).toEqual({
    ...{ returned: 39 + 4 + 6 + 1, enrolment: 8, dishonoured: 6, contested: 7, change: 14 },
  });
  expect(kinds.dishonoured).toEqual(['R61', 'R62', 'R67', 'R68', 'R69', 'R70']);
});

it.each([
  ['R01', 'returned', 'retryable', 2],
  ['R02', 'returned', 'account_unusable', 2],
  ['R06', 'returned', 'recalled', 2],
  ['R10', 'returned', 'unauthorised', 60],
  ['R29', 'returned', 'unauthorised', 2],
  ['R37', 'returned', 'other', 60],
  ['R45', 'enrolment', 'other', 2],
  ['R61', 'dishonoured', 'other', 2],
  ['R73', 'contested', 'other', 2],
  ['C01', 'change', 'other', 2],
])('%s is %s, %s, within %i days', (code, kind, family, windowDays) => {
  expect(codeRule(code)).toEqual({ kind, family, windowDays, isKnown: true });
});

it.each(['R97', 'R60', 'X', ''])('takes %p as a return that a person has to look at', (code) => {
  expect(codeRule(code)).toMatchObject({ kind: 'returned', isKnown: false });
});

it.each([
  ['P-01HX2-3ABCD-9KLMN', '01HX23ABCD9KLMN'],
  ['01hx23abcd9klmn', '01HX23ABCD9KLMN'],
  ['P-', null],
  ['P-01HX2-3ABCD-9KLMN-7', null],
])('the number %s on an entry is %s', (displayId, expected) => {
  expect(achIdentification(displayId)).toBe(expected);
});
