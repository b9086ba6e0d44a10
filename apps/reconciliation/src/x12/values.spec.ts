import fc from 'fast-check';
import { readDate, readMinor } from './values.ts';

const minor = (text: string, exponent = 2) => readMinor(text, { start: 0, end: text.length, exponent });

describe('amounts', () => {
  it.each([
    ['12.34', 1_234n],
    ['12.3', 1_230n],
    ['12', 1_200n],
    ['12.', 1_200n],
    ['.5', 50n],
    ['-.5', -50n],
    ['+7', 700n],
    ['0', 0n],
    ['-0', 0n],
    ['007.10', 710n],
    [' 12.34 ', 1_234n],
    ['90071992547409.91', 9_007_199_254_740_991n],
    ['', undefined],
    ['   ', undefined],
  ])('%j is %s', (text, expected) => expect(minor(text)).toBe(expected));

  it.each([
    '1.234',
    '1.230',
    '1e3',
    '1,000.00',
    '1.2.3',
    '-',
    '.',
    '+-1',
    '1 2',
    'x',
    '90071992547409.92',
    '9'.repeat(400),
  ])('%j is none, and is not rounded to one', (text) => expect(minor(text)).toBeNull());

  it('any amount that is written is read, in any currency', () => {
    const any = fc.tuple(fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }), fc.constantFrom(0, 2, 3, 4));
    fc.assert(
      fc.property(any, ([value, exponent]) => {
        const digits = `${value < 0n ? -value : value}`.padStart(exponent + 1, '0');
        const whole = digits.slice(0, digits.length - exponent);
        const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
        expect(minor(`${value < 0n ? '-' : ''}${whole}${fraction}`, exponent)).toBe(value);
      }),
    );
  });
});

it.each([
  ['20260805', '2026-08-05'],
  ['20240229', '2024-02-29'],
  ['20250229', null],
  ['20000229', '2000-02-29'],
  ['19000229', null],
  ['20261301', null],
  ['20260431', null],
  ['20260800', null],
  ['00000101', null],
  ['260805', null],
  ['2026080A', null],
])('the day %s is %s', (text, expected) => expect(readDate(text, 0, text.length)).toBe(expected));
