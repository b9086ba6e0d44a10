import fc from 'fast-check';
import type { MoneyError } from './money-error.ts';
import { firstAbsorbs, lastAbsorbs, lines, roundHalfUp, spreadFirst, weighted } from './split.ts';

const total = (parts: readonly bigint[]) => parts.reduce((a, b) => a + b, 0n);
const abs = (n: bigint) => (n < 0n ? -n : n);
const amount = fc.oneof(fc.bigInt(-400n, 400n), fc.bigInt(-(2n ** 53n), 2n ** 53n));
const count = fc.integer({ min: 1, max: 60 });
const charges = fc.array(fc.oneof(fc.bigInt(0n, 30n), fc.bigInt(0n, 500_000n)), { minLength: 1, maxLength: 6 });
const mirrored = fc.constantFrom(1n, -1n);

/** The rule as it is written down: one unit at a time, shares as exact fractions of T. */
function slowLines(totals: readonly bigint[], columns: readonly bigint[]): bigint[][] {
  const whole = total(columns);
  const given = columns.map(() => 0n);
  let billed = 0n;
  return totals.map((units) => {
    billed += units;
    const row = columns.map(() => 0n);
    for (let unit = 0n; unit < units; unit += 1n) {
      let best = 0;
      columns.forEach((charge, j) => {
        const behind = charge * billed - given[j]! * whole;
        if (behind > columns[best]! * billed - given[best]! * whole) best = j;
      });
      row[best]! += 1n;
      given[best]! += 1n;
    }
    return row;
  });
}

describe('a split in equal parts', () => {
  it.each([
    ['spreadFirst', spreadFirst],
    ['firstAbsorbs', firstAbsorbs],
    ['lastAbsorbs', lastAbsorbs],
  ])('%s adds up exactly and never changes the sign, or is refused', (_, split) => {
    fc.assert(
      fc.property(amount, count, (whole, n) => {
        let parts: bigint[];
        try {
          parts = split(whole, n);
        } catch (error) {
          return split === lastAbsorbs && (error as MoneyError).code === 'sign_change';
        }
        return parts.length === n && total(parts) === whole && parts.every((part) => part * whole >= 0n);
      }),
    );
  });

  it('spreadFirst keeps parts within one unit, the larger first', () => {
    fc.assert(
      fc.property(amount, count, (whole, n) => {
        const parts = spreadFirst(whole, n).map(abs);
        return parts[0]! - parts.at(-1)! <= 1n && parts.every((part, i) => i === 0 || part <= parts[i - 1]!);
      }),
    );
  });

  it('a credit mirrors its charge', () => {
    fc.assert(
      fc.property(amount, count, (whole, n) => {
        expect(spreadFirst(-whole, n)).toEqual(spreadFirst(whole, n).map((part) => -part));
        expect(firstAbsorbs(-whole, n)).toEqual(firstAbsorbs(whole, n).map((part) => -part));
      }),
    );
  });
});

it('weighted adds up exactly, and no part is a whole unit away from its share', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 12 });
  fc.assert(
    fc.property(amount, weights, fc.integer({ min: 0, max: 12 }), (whole, given, more) => {
      const padded = [...given, ...Array.from({ length: more }, () => 1)].map(BigInt);
      const all = total(padded);
      fc.pre(all > 0n);
      const parts = weighted(whole, given, padded.length);
      expect(total(parts)).toBe(whole);
      expect(parts.every((part, i) => abs(part * all - whole * padded[i]!) < all)).toBe(true);
    }),
  );
});

describe('lines', () => {
  it('rows and columns add up exactly and no cell has the other sign', () => {
    fc.assert(
      fc.property(charges, count, mirrored, (columns, n, sign) => {
        const signed = columns.map((charge) => charge * sign);
        const totals = spreadFirst(total(signed), n);
        const rows = lines(totals, signed);
        expect(rows.map(total)).toEqual(totals);
        expect(signed.map((_, j) => total(rows.map((row) => row[j]!)))).toEqual(signed);
        expect(rows.flat().every((cell) => cell * sign >= 0n)).toBe(true);
      }),
    );
  });

  it('the fast form gives what one unit at a time gives, whatever the instalments are', () => {
    const small = fc.array(fc.bigInt(0n, 600n), { minLength: 1, maxLength: 6 });
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(small, weights, (columns, uneven) => {
        const whole = total(columns);
        fc.pre(whole > 0n);
        const totals = weighted(whole, uneven, uneven.length);
        expect(lines(totals, columns)).toEqual(slowLines(totals, columns));
      }),
      { numRuns: 300 },
    );
  });

  it('takes no longer for a large amount: the units are not counted out', () => {
    const rows = lines(spreadFirst(2n ** 53n, 12), [2n ** 40n, 2n ** 53n - 2n ** 40n]);
    expect(total(rows.flat())).toBe(2n ** 53n);
  });

  it('charges of different sign keep their own sums', () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 5 }), count, (columns, n) => {
        const rows = lines(spreadFirst(total(columns), n), columns);
        expect(columns.map((_, j) => total(rows.map((row) => row[j]!)))).toEqual(columns);
      }),
    );
  });
});

it('roundHalfUp is within half a unit, and symmetric', () => {
  fc.assert(
    fc.property(amount, fc.bigInt(1n, 10_000n), (numerator, denominator) => {
      const rounded = roundHalfUp(numerator, denominator);
      expect(2n * abs(numerator - rounded * denominator) <= denominator).toBe(true);
      expect(roundHalfUp(-numerator, denominator)).toBe(-rounded);
      expect(abs(rounded) * denominator * 2n >= 2n * abs(numerator) - denominator).toBe(true);
    }),
  );
});
