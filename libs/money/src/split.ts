import { MoneyError } from './money-error.ts';

/**
 * Rounds a fraction to a whole number, halves away from zero (−0.5 becomes −1), so that a credit mirrors its charge.
 *
 * @throws MoneyError `invalid_split` when the denominator is zero
 * @example roundHalfUp(5n, 2n) // 3n
 */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw new MoneyError('invalid_split', 'division by zero');
  const above = abs(numerator);
  const below = abs(denominator);
  const rounded = (2n * above + below) / (2n * below);
  return numerator < 0n === denominator < 0n ? rounded : -rounded;
}

/**
 * The default split: parts differ by at most one unit, and the first ones carry the odd units.
 *
 * @throws MoneyError `invalid_split` when `n` is no whole number from 1 on
 * @example spreadFirst(100n, 3) // [34n, 33n, 33n]
 */
export function spreadFirst(total: bigint, n: number): bigint[] {
  const count = countOf(n);
  const quotient = total / count;
  const odd = abs(total % count);
  const step = signOf(total);
  return Array.from({ length: n }, (_, i) => (BigInt(i) < odd ? quotient + step : quotient));
}

/**
 * Every part but the last is the rounded quotient, the last takes what is left.
 *
 * @throws MoneyError `sign_change` when the last part would have the other sign (7 over 12), `invalid_split` as
 * {@link spreadFirst}
 * @example lastAbsorbs(100n, 3) // [33n, 33n, 34n]
 */
export function lastAbsorbs(total: bigint, n: number): bigint[] {
  const count = countOf(n);
  const part = roundHalfUp(total, count);
  const last = total - part * (count - 1n);
  if (last * signOf(total) < 0n) {
    throw new MoneyError('sign_change', `${total} over ${n} leaves ${last} for the last part`);
  }
  return [...Array.from({ length: n - 1 }, () => part), last];
}

/**
 * Every part but the first is the quotient cut off, the first takes what is left.
 *
 * @throws MoneyError `invalid_split` as {@link spreadFirst}
 * @example firstAbsorbs(100n, 3) // [34n, 33n, 33n]
 */
export function firstAbsorbs(total: bigint, n: number): bigint[] {
  const count = countOf(n);
  const part = total / count; // bigint division cuts towards zero, so it is the same for a credit
  return [total - part * (count - 1n), ...Array.from({ length: n - 1 }, () => part)];
}

/**
 * Splits in proportion to whole-number weights; left-over units go to the largest fractional parts, ties to the first.
 * Fewer weights than parts are padded with 1.
 *
 * @throws MoneyError `invalid_split` when there are more weights than parts, a weight is no whole number from 0 on, or
 * all are 0
 * @example weighted(70_000n, [3, 2], 4) // [30_000n, 20_000n, 10_000n, 10_000n]
 */
export function weighted(total: bigint, weights: readonly number[], n: number): bigint[] {
  countOf(n);
  if (weights.length > n) throw new MoneyError('invalid_split', `${weights.length} weights for ${n} parts`);
  if (weights.some((w) => !Number.isSafeInteger(w) || w < 0)) {
    throw new MoneyError('invalid_split', 'a weight is a whole number from 0 on');
  }
  const padded = Array.from({ length: n }, (_, i) => BigInt(weights[i] ?? 1));
  const all = sumOf(padded);
  if (all === 0n) throw new MoneyError('invalid_split', 'all weights are 0');
  const amount = abs(total);
  const parts = padded.map((weight) => (amount * weight) / all);
  const byFraction = padded
    .map((weight, index) => ({ index, fraction: (amount * weight) % all }))
    .sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  const left = Number(amount - sumOf(parts));
  for (const { index } of byFraction.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts.map((part) => part * signOf(total));
}

/**
 * Hands the units of each instalment to its charges: a row for each instalment, a column for each charge. Rows add up
 * to `totals`, columns to `charges`, and no cell has the other sign. Put the biggest charge last.
 *
 * Where the charges have different signs, or add up to 0, there is no proportion to follow: each is spread on its own
 * with {@link spreadFirst}, an instalment is the sum of its row, and only the number of `totals` counts.
 *
 * @throws MoneyError `invalid_split` when totals and charges do not add up to the same, or there is no total;
 * `sign_change` when a total has the other sign than the sum
 * @example lines([51n, 49n], [10n, 90n]) // [[5n, 46n], [5n, 44n]]
 */
export function lines(totals: readonly bigint[], charges: readonly bigint[]): bigint[][] {
  countOf(totals.length);
  const whole = sumOf(charges);
  if (whole === 0n || charges.some((charge) => charge * whole < 0n)) {
    const columns = charges.map((charge) => spreadFirst(charge, totals.length));
    return totals.map((_, row) => columns.map((column) => column[row] ?? 0n));
  }
  if (sumOf(totals) !== whole) throw new MoneyError('invalid_split', 'totals and charges differ in their sum');
  if (totals.some((total) => total * whole < 0n)) {
    throw new MoneyError('sign_change', 'an instalment has the other sign than the whole');
  }
  const sign = signOf(whole);
  const handed = handOut(totals.map(abs), charges.map(abs), abs(whole));
  return sign === 1n ? handed : handed.map((row) => row.map((cell) => -cell));
}

/**
 * Each unit goes to the charge that is furthest behind its share of what has been billed so far (C of T): the one with
 * the largest charge × C/T − x, compared as charge × C − x × T. A charge is never more than one unit a charge away from
 * its share, so all but that many units are handed out at once.
 */
function handOut(totals: readonly bigint[], charges: readonly bigint[], whole: bigint): bigint[][] {
  const given = charges.map(() => 0n);
  const margin = BigInt(charges.length);
  let billed = 0n;
  return totals.map((total) => {
    billed += total;
    let left = total;
    const row = charges.map((charge, j) => {
      const sure = (charge * billed) / whole - (given[j] ?? 0n) - margin;
      const units = sure > 0n ? sure : 0n;
      left -= units;
      given[j] = (given[j] ?? 0n) + units;
      return units;
    });
    for (; left > 0n; left -= 1n) {
      const j = furthestBehind(charges, given, billed, whole);
      row[j] = (row[j] ?? 0n) + 1n;
      given[j] = (given[j] ?? 0n) + 1n;
    }
    return row;
  });
}

function furthestBehind(charges: readonly bigint[], given: readonly bigint[], billed: bigint, whole: bigint): number {
  const behind = charges.map((charge, j) => charge * billed - (given[j] ?? 0n) * whole);
  return behind.reduce((best, gap, j) => (gap > (behind[best] ?? gap) ? j : best), 0);
}

function countOf(n: number): bigint {
  if (!Number.isSafeInteger(n) || n < 1) throw new MoneyError('invalid_split', 'a split has at least one part');
  return BigInt(n);
}

function sumOf(list: readonly bigint[]): bigint {
  return list.reduce((total, each) => total + each, 0n);
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}

function signOf(n: bigint): bigint {
  return n < 0n ? -1n : n > 0n ? 1n : 0n;
}
