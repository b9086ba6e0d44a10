import fc from 'fast-check';
import { currencies, exponentOf, isCurrency } from './currency.ts';
import type { MoneyError } from './money.ts';
import { add, compare, formatAmount, maxMinor, money, negate } from './money.ts';
import { parseAmount, subtract, sum, toNumber, zero } from './money.ts';
import { fromWire, toWire } from './wire.ts';

const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as MoneyError).code;
  }
};
const anyAmount = fc.record({
  minor: fc.oneof(fc.bigInt(-2000n, 2000n), fc.bigInt(-maxMinor, maxMinor)),
  currency: fc.constantFrom(...currencies),
});

describe('currency', () => {
  it.each([
    ['JPY', 0],
    ['CLP', 0],
    ['USD', 2],
    ['EUR', 2],
    ['KWD', 3],
    ['TND', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('%s has %i decimals', (code, exponent) => {
    expect(exponentOf(code)).toBe(exponent);
  });

  it('knows each active code once', () => {
    expect(new Set(currencies).size).toBe(currencies.length);
    expect(currencies.every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
  });

  it.each(['usd', 'XAU', 'XXX', 'HRK', '', 'US', 'toString', '__proto__'])('%p is no currency', (code) => {
    expect(isCurrency(code)).toBe(false);
    expect(codeOf(() => exponentOf(code))).toBe('unknown_currency');
    expect(codeOf(() => parseAmount('1', code))).toBe('unknown_currency');
    expect(codeOf(() => money(1n, code))).toBe('unknown_currency');
  });
});

describe('parseAmount', () => {
  it.each([
    ['25.67', 'USD', 2567n],
    [25.67, 'USD', 2567n],
    [308, 'USD', 30800n],
    ['308', 'USD', 30800n],
    ['7.5', 'USD', 750n],
    ['-0.05', 'USD', -5n],
    [-0, 'USD', 0n],
    ['0', 'JPY', 0n],
    [308, 'JPY', 308n],
    ['25.667', 'KWD', 25667n],
    ['0.0001', 'CLF', 1n],
    [0.1 + 0.7, 'USD', 'too_many_decimals'],
    ['90071992547409.91', 'USD', 9007199254740991n],
    [9007199254740991, 'JPY', 9007199254740991n],
    ['9007199254740991', 'JPY', 9007199254740991n],
    ['90071992547409.92', 'USD', 'out_of_range'],
    ['-90071992547409.92', 'USD', 'out_of_range'],
    [9007199254740992, 'JPY', 'out_of_range'],
    [90071992547409.91, 'USD', 'out_of_range'],
    [45035996273704.95, 'USD', 4503599627370495n],
    [45035996273704.96, 'USD', 'out_of_range'],
    [1e21, 'USD', 'out_of_range'],
    ['9'.repeat(100_000), 'USD', 'out_of_range'],
    ['25.670', 'USD', 'too_many_decimals'],
    ['1.0', 'JPY', 'too_many_decimals'],
    [1e-7, 'USD', 'too_many_decimals'],
    [NaN, 'USD', 'not_a_number'],
    [Infinity, 'USD', 'not_a_number'],
    ...['', ' ', '1,000.00', '1e3', '+1', '.5', '5.', '007', '--1', '0x10', ' 1', '1\n', '١', 'NaN'].map(
      (input): [string, string, string] => [input, 'USD', 'not_a_number'],
    ),
  ])('reads %p %s as %p', (input, currency, expected) => {
    expect(codeOf(() => parseAmount(input, currency).minor)).toBe(expected);
  });

  it('reads back what formatAmount wrote', () => {
    fc.assert(
      fc.property(anyAmount, (amount) => {
        expect(parseAmount(formatAmount(amount), amount.currency)).toEqual(amount);
      }),
    );
  });

  it('reads back what toNumber wrote, while a number can still tell the amounts apart', () => {
    const telling = anyAmount.filter(({ minor }) => minor < 2n ** 52n && minor > -(2n ** 52n));
    fc.assert(
      fc.property(telling, (amount) => {
        expect(parseAmount(toNumber(amount), amount.currency)).toEqual(amount);
      }),
    );
  });
});

it.each([
  [2567n, 'USD', '25.67'],
  [5n, 'USD', '0.05'],
  [-5n, 'USD', '-0.05'],
  [0n, 'USD', '0.00'],
  [-308n, 'JPY', '-308'],
  [308000n, 'KWD', '308.000'],
  [1n, 'CLF', '0.0001'],
])('formatAmount writes %s %s as %s', (minor, currency, expected) => {
  expect(formatAmount({ minor, currency })).toBe(expected);
});

describe('arithmetic', () => {
  const one = money(100n, 'USD');

  it('adds, subtracts, negates, sums and compares', () => {
    expect(add(one, money(1n, 'USD'))).toEqual(money(101n, 'USD'));
    expect(subtract(one, money(1n, 'USD'))).toEqual(money(99n, 'USD'));
    expect(negate(one)).toEqual(money(-100n, 'USD'));
    expect(sum([one, one], 'USD')).toEqual(money(200n, 'USD'));
    expect(sum([], 'JPY')).toEqual(zero('JPY'));
    expect([money(2n, 'USD'), money(-1n, 'USD'), money(2n, 'USD')].sort(compare).map((m) => m.minor)).toEqual([
      -1n,
      2n,
      2n,
    ]);
  });

  it('never mixes currencies', () => {
    const other = money(100n, 'EUR');
    for (const work of [add, subtract, compare]) {
      expect(codeOf(() => work(one, other))).toBe('currency_mismatch');
    }
    expect(codeOf(() => sum([one, other], 'USD'))).toBe('currency_mismatch');
    expect(codeOf(() => sum([one], 'EUR'))).toBe('currency_mismatch');
  });
});

describe('the wire', () => {
  it('carries every amount there and back', () => {
    fc.assert(
      fc.property(anyAmount, (amount) => {
        expect(fromWire(JSON.parse(JSON.stringify(toWire(amount))))).toEqual(amount);
      }),
    );
  });

  it('writes both spellings', () => {
    expect(toWire(money(12345n, 'USD'))).toEqual({ amount: '123.45', amountMinor: 12345, currency: 'USD' });
  });

  it('refuses what a JSON integer cannot carry', () => {
    expect(codeOf(() => toWire(money(maxMinor + 1n, 'USD')))).toBe('out_of_range');
    expect(codeOf(() => toWire(money(-maxMinor - 1n, 'USD')))).toBe('out_of_range');
  });

  it('refuses an amount whose spellings differ', () => {
    expect(codeOf(() => fromWire({ amount: '1.00', amountMinor: 1, currency: 'USD' }))).toBe('amount_mismatch');
  });
});
