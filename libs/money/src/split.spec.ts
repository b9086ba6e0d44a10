import type { MoneyError } from './money.ts';
import { add, formatAmount, parseAmount, subtract, sum } from './money.ts';
import { firstAbsorbs, lastAbsorbs, lines, roundHalfUp, spreadFirst, weighted } from './split.ts';

const minor = (amount: string, currency = 'USD') => parseAmount(amount, currency).minor;
const text = (minor: bigint, currency = 'USD') => formatAmount({ minor, currency });
const texts = (parts: readonly bigint[], currency = 'USD') => parts.map((part) => text(part, currency));
const total = (parts: readonly bigint[]) => parts.reduce((a, b) => a + b, 0n);
const times = (count: number, amount: string) => Array.from({ length: count }, () => amount);
const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as MoneyError).code;
  }
};

describe('the scenarios of the domain', () => {
  it('S-01 308.00 over 12 months: 8 × 25.67 + 4 × 25.66', () => {
    const parts = spreadFirst(minor('308.00'), 12);
    expect(texts(parts)).toEqual([...times(8, '25.67'), ...times(4, '25.66')]);
    expect(text(total(parts))).toBe('308.00');
  });

  it('S-02 the same, the last absorbs: 11 × 25.67 + 25.63', () => {
    const parts = lastAbsorbs(minor('308.00'), 12);
    expect(texts(parts)).toEqual([...times(11, '25.67'), '25.63']);
    expect(text(total(parts))).toBe('308.00');
  });

  it('S-03 the same, the first absorbs: 25.74 + 11 × 25.66, which is not the default', () => {
    const parts = firstAbsorbs(minor('308.00'), 12);
    expect(texts(parts)).toEqual(['25.74', ...times(11, '25.66')]);
    expect(text(total(parts))).toBe('308.00');
    expect(spreadFirst(minor('308.00'), 12)[0]).toBe(minor('25.67'));
  });

  it('S-04 90.00 over 12 with one paid: 7.50 each, 7.50 paid, 82.50 due', () => {
    const parts = spreadFirst(minor('90.00'), 12);
    expect(texts(parts)).toEqual(times(12, '7.50'));
    expect(texts([total(parts.slice(0, 1)), total(parts.slice(1))])).toEqual(['7.50', '82.50']);
  });

  it('S-05 100.00 over 3', () => {
    expect(texts(spreadFirst(minor('100.00'), 3))).toEqual(['33.34', '33.33', '33.33']);
  });

  it('S-06 1,000.00 over 7', () => {
    expect(texts(spreadFirst(minor('1000.00'), 7))).toEqual([...times(5, '142.86'), ...times(2, '142.85')]);
  });

  it('S-07 a tax of 0.07 over 12; the last would be −0.04, so that plan is refused', () => {
    expect(texts(spreadFirst(minor('0.07'), 12))).toEqual([...times(7, '0.01'), ...times(5, '0.00')]);
    expect(() => lastAbsorbs(minor('0.07'), 12)).toThrow('leaves -4');
    expect(codeOf(() => lastAbsorbs(minor('0.07'), 12))).toBe('sign_change');
    expect(codeOf(() => lastAbsorbs(minor('-0.07'), 12))).toBe('sign_change');
  });

  it('S-08 premium 280.00 and tax 28.00 over 12: the sum is split first, then handed to its lines', () => {
    const charges = [minor('28.00'), minor('280.00')];
    const rows = lines(spreadFirst(minor('308.00'), 12), charges);
    expect(rows.map((row) => texts(row).join('+'))).toEqual(
      `2.33+23.34 2.34+23.33 2.33+23.34 2.33+23.34 2.34+23.33 2.33+23.34 2.34+23.33 2.33+23.34
       2.33+23.33 2.33+23.33 2.34+23.32 2.33+23.33`.split(/\s+/),
    );
    expect(texts(rows.map(total))).toEqual([...times(8, '25.67'), ...times(4, '25.66')]);
    expect(charges.map((_, j) => total(rows.map((row) => row[j] ?? 0n)))).toEqual(charges);
    // the mistake this guards against: splitting each line on its own
    const independent = charges.map((charge) => spreadFirst(charge, 12)[0] ?? 0n);
    expect(text(total(independent))).toBe('25.68');
  });

  it('S-09 308 yen and 308.000 dinars over 12', () => {
    expect(texts(spreadFirst(minor('308', 'JPY'), 12), 'JPY')).toEqual([...times(8, '26'), ...times(4, '25')]);
    expect(texts(spreadFirst(minor('308.000', 'KWD'), 12), 'KWD')).toEqual([
      ...times(8, '25.667'),
      ...times(4, '25.666'),
    ]);
  });

  it.each([
    ['S-10 1,200.00', '1200.00', 20n, '240.00', '106.67', '106.66', '960.00'],
    ['S-11 308.00', '308.00', 25n, '77.00', '25.67', '25.66', '231.00'],
  ])('%s with a down payment over 9 instalments', (_, amount, percent, down, first, last, rest) => {
    const deposit = roundHalfUp(minor(amount) * percent, 100n);
    const parts = spreadFirst(minor(amount) - deposit, 9);
    expect(text(deposit)).toBe(down);
    expect(texts(parts)).toEqual([...times(6, first), ...times(3, last)]);
    expect(text(total(parts))).toBe(rest);
  });

  it('S-12 2,500.00 down and 10 × 750.00: a contract of 10,000.00', () => {
    const parts = spreadFirst(minor('10000.00') - minor('2500.00'), 10);
    expect(texts(parts)).toEqual(times(10, '750.00'));
    expect(text(minor('2500.00') + total(parts))).toBe('10000.00');
  });

  it('S-13 quarterly weights [3,2], padded to [3,2,1,1]', () => {
    expect(texts(weighted(minor('700.00'), [3, 2], 4))).toEqual(['300.00', '200.00', '100.00', '100.00']);
    expect(texts(weighted(minor('1000.00'), [3, 2], 4))).toEqual(['428.57', '285.71', '142.86', '142.86']);
  });

  it('S-14 a return premium of −308.00 over 12 mirrors S-01', () => {
    expect(texts(spreadFirst(minor('-308.00'), 12))).toEqual([...times(8, '-25.67'), ...times(4, '-25.66')]);
  });

  it('S-15 an instalment fee of 3.00 on 2 to 12 stands beside the split: 341.00 billed, premium still 308.00', () => {
    const premium = spreadFirst(minor('308.00'), 12);
    const billed = premium.map((part, i) => (i === 0 ? part : part + minor('3.00')));
    expect(texts(billed)).toEqual(['25.67', ...times(7, '28.67'), ...times(4, '28.66')]);
    expect(texts([total(billed), total(premium)])).toEqual(['341.00', '308.00']);
  });

  it('S-16 a policy fee of 15.00 goes whole to the first instalment; 26.92 would be wrong', () => {
    const [first = 0n, ...others] = spreadFirst(minor('308.00'), 12);
    const billed = [first + minor('15.00'), ...others];
    expect(texts(billed)).toEqual(['40.67', ...times(7, '25.67'), ...times(4, '25.66')]);
    expect(text(total(billed))).toBe('323.00');
  });

  it('S-17 premium 100 and tax 20 over 2; 30 and then 60 paid on the first leave 30.00 unapplied', () => {
    const rows = lines(spreadFirst(minor('120.00'), 2), [minor('20.00'), minor('100.00')]);
    expect(rows.map((row) => texts(row))).toEqual(Array.from({ length: 2 }, () => ['10.00', '50.00']));
    const invoice = sum(
      rows[0]!.map((cell) => ({ minor: cell, currency: 'USD' })),
      'USD',
    );
    const afterFirst = subtract(invoice, parseAmount('30.00', 'USD'));
    const afterSecond = subtract(afterFirst, parseAmount('60.00', 'USD'));
    expect([invoice, afterFirst, afterSecond].map(formatAmount)).toEqual(['60.00', '30.00', '-30.00']);
    expect(add(afterSecond, parseAmount('30.00', 'USD')).minor).toBe(0n);
  });
});

describe('lines of different sign', () => {
  it('are each spread on their own, and the instalment is their sum', () => {
    const rows = lines(spreadFirst(-5n, 3), [-10n, 5n]);
    expect(rows).toEqual([
      [-4n, 2n],
      [-3n, 2n],
      [-3n, 1n],
    ]);
  });

  it('that add up to nothing still leave their charges whole', () => {
    expect(lines([0n, 0n], [-7n, 7n])).toEqual([
      [-4n, 4n],
      [-3n, 3n],
    ]);
  });
});

describe('roundHalfUp', () => {
  it.each([
    [1n, 2n, 1n],
    [-1n, 2n, -1n],
    [1n, -2n, -1n],
    [3n, 2n, 2n],
    [-5n, 2n, -3n],
    [4n, 3n, 1n],
    [5n, 3n, 2n],
    [0n, -3n, 0n],
  ])('%s / %s is %s', (numerator, denominator, rounded) => {
    expect(roundHalfUp(numerator, denominator)).toBe(rounded);
  });
});

describe('a split that makes no sense is refused', () => {
  it.each([
    ['no parts', () => spreadFirst(1n, 0)],
    ['half a part', () => lastAbsorbs(1n, 1.5)],
    ['more weights than parts', () => weighted(1n, [1, 2], 1)],
    ['a negative weight', () => weighted(1n, [-1], 2)],
    ['weights of 0 alone', () => weighted(1n, [0, 0], 2)],
    ['totals that are not the charges', () => lines([1n, 1n], [3n])],
    ['charges over no instalments', () => lines([], [3n])],
    ['a division by zero', () => roundHalfUp(1n, 0n)],
  ])('%s', (_, work) => {
    expect(codeOf(work)).toBe('invalid_split');
  });

  it('an instalment of the other sign', () => {
    expect(codeOf(() => lines([4n, -1n], [1n, 2n]))).toBe('sign_change');
  });
});
