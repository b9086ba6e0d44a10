import fc from 'fast-check';
import { formatRate, partOf, percent, readRate, whole } from './rate.ts';

it.each([
  ['0.15', percent(15)],
  ['0', 0n],
  ['1', whole],
  ['0.000001', 1n],
  ['0.1250', 125_000n],
])('%s is %s millionths', (text, rate) => {
  expect(readRate(text)).toBe(rate);
});

it.each(['1.000001', '2', '-0.1', '15 %', '0.0000001', '', '.5', '1e-1', '00.5'])('%p is none', (text) => {
  expect(readRate(text)).toBeNull();
});

it('reads back what it wrote', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: whole }), (rate) => {
      expect(readRate(formatRate(rate))).toBe(rate);
    }),
  );
  expect([0n, whole, percent(15), 1n].map(formatRate)).toEqual(['0', '1', '0.15', '0.000001']);
});

it('rounds halves away from zero', () => {
  expect([partOf(750n, percent(15)), partOf(-750n, percent(15)), partOf(120_000n, percent(15))]).toEqual([
    113n,
    -113n,
    18_000n,
  ]);
});
