import { nachaCodes, returnRule } from './return-code.ts';
import type { Consequence } from './return-code.ts';

const of = (code: string) => returnRule({ scheme: 'ach', code });
const codesThat = (consequence: Consequence) =>
  Object.keys(nachaCodes).filter((code) => of(code).consequence === consequence);

it('knows every code from R01 to R33', () => {
  const codes = Array.from({ length: 33 }, (_, i) => `R${String(i + 1).padStart(2, '0')}`);
  expect(codes.filter((code) => nachaCodes[code] === undefined)).toEqual([]);
});

it('lets the same entry be sent again for want of funds only', () => {
  expect(codesThat('represent')).toEqual(['R01', 'R09']);
});

it('takes the leave to charge back with the codes that revoke it', () => {
  expect(codesThat('revoke')).toEqual(['R05', 'R07', 'R10', 'R29']);
});

it.each(['R02', 'R03', 'R04'])('wants new details after %s', (code) => {
  expect(of(code).consequence).toBe('new_details');
});

it('lets R11 be corrected', () => {
  expect(codesThat('correct')).toEqual(['R11']);
});

it("charges fees for the payer's fault only", () => {
  expect(Object.keys(nachaCodes).filter((code) => of(code).pejorative)).toEqual(['R01', 'R08', 'R09', 'R38', 'R52']);
});

it.each([
  ['ach', 'R99'],
  ['ach', 'toString'],
  ['sepa_dd', 'R01'],
] as const)('makes nothing of %s %s but the return itself', (scheme, code) => {
  expect(returnRule({ scheme, code })).toMatchObject({ consequence: 'none', pejorative: false });
});
