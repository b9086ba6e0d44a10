import { exponentOf } from './currency.ts';
import { MoneyError } from './money-error.ts';

export { MoneyError } from './money-error.ts';
export type { MoneyErrorCode } from './money-error.ts';

/** An amount in the currency's smallest unit: 25.67 USD is `{ minor: 2567n, currency: 'USD' }`. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

/** The largest amount that may come in or go out: what a JSON integer carries without loss. */
export const maxMinor = BigInt(Number.MAX_SAFE_INTEGER);

/** From here on a number with decimals no longer tells which of two amounts was meant. */
const ambiguousAsNumber = 2n ** 52n;

const decimal = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;

/**
 * @throws MoneyError `unknown_currency`
 * @example money(2567n, 'USD')
 */
export function money(minor: bigint, currency: string): Money {
  exponentOf(currency);
  return { minor, currency };
}

/** @example zero('USD') // { minor: 0n, currency: 'USD' } */
export function zero(currency: string): Money {
  return money(0n, currency);
}

/**
 * Reads an amount as a client writes it: a decimal string, or a JSON number. A reader that has the number's source text
 * passes that text: from 2^52 minor units on a number with decimals has already lost some, and is refused.
 *
 * @throws MoneyError `not_a_number`, `too_many_decimals` (more than the currency has, zeros included), `out_of_range`
 * (more than 2^53 − 1 minor units), `unknown_currency`
 * @example parseAmount('25.67', 'USD') // { minor: 2567n, currency: 'USD' }
 */
export function parseAmount(input: string | number, currency: string): Money {
  const exponent = exponentOf(currency);
  const [, sign = '', whole = '', fraction = ''] = match(input);
  if (fraction.length > exponent) {
    throw new MoneyError('too_many_decimals', `${currency} has ${exponent} decimals`);
  }
  // The length is checked first: reading a huge text as a bigint takes long.
  const digits = whole + fraction.padEnd(exponent, '0');
  const minor = digits.length > 20 ? maxMinor + 1n : BigInt(digits);
  if (minor > maxMinor) throw new MoneyError('out_of_range', 'more than 2^53 - 1 minor units');
  if (typeof input === 'number' && exponent > 0 && minor >= ambiguousAsNumber) {
    throw new MoneyError('out_of_range', 'too large for a number with decimals: send it as a string');
  }
  return { minor: sign ? -minor : minor, currency };
}

function match(input: string | number): RegExpExecArray {
  if (typeof input === 'number' && Number.isFinite(input)) {
    if (Math.abs(input) > Number.MAX_SAFE_INTEGER) {
      throw new MoneyError('out_of_range', 'more than 2^53 - 1 minor units');
    }
    // Below 1e-6 JavaScript writes an exponent; no currency has that many decimals.
    if (input !== 0 && Math.abs(input) < 1e-6) throw new MoneyError('too_many_decimals', 'no currency has 7 decimals');
  }
  const found = decimal.exec(String(input));
  if (!found) throw new MoneyError('not_a_number', 'an amount is a decimal number such as 25.67');
  return found;
}

/**
 * The amount as a decimal string with all of the currency's decimals, and no separators or symbol.
 *
 * @throws MoneyError `unknown_currency`
 * @example formatAmount(money(-5n, 'USD')) // '-0.05'
 */
export function formatAmount({ minor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const sign = minor < 0n ? '-' : '';
  const digits = String(minor < 0n ? -minor : minor).padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * The amount as a JavaScript number, for answers whose contract says JSON number. Exact to the minor unit below 2^52
 * minor units; beyond, write {@link formatAmount} as raw JSON instead.
 *
 * @throws MoneyError `unknown_currency`
 * @example toNumber(money(2567n, 'USD')) // 25.67
 */
export function toNumber(amount: Money): number {
  return Number(formatAmount(amount));
}

/**
 * @throws MoneyError `currency_mismatch`
 * @example add(money(1n, 'USD'), money(2n, 'USD')) // 0.03 USD
 */
export function add(a: Money, b: Money): Money {
  return { minor: a.minor + same(a, b).minor, currency: a.currency };
}

/**
 * @throws MoneyError `currency_mismatch`
 * @example subtract(money(3n, 'USD'), money(2n, 'USD')) // 0.01 USD
 */
export function subtract(a: Money, b: Money): Money {
  return { minor: a.minor - same(a, b).minor, currency: a.currency };
}

/** @example negate(money(3n, 'USD')) // -0.03 USD */
export function negate({ minor, currency }: Money): Money {
  return { minor: -minor, currency };
}

/**
 * The sum of a list. The currency is an argument so that the sum of nothing has one.
 *
 * @throws MoneyError `currency_mismatch`, `unknown_currency`
 * @example sum([], 'USD') // 0.00 USD
 */
export function sum(list: Iterable<Money>, currency: string): Money {
  let total = zero(currency);
  for (const amount of list) total = add(total, amount);
  return total;
}

/**
 * Negative, zero or positive, as `Array.prototype.sort` wants it.
 *
 * @throws MoneyError `currency_mismatch`
 * @example compare(money(1n, 'USD'), money(2n, 'USD')) // -1
 */
export function compare(a: Money, b: Money): -1 | 0 | 1 {
  const { minor } = same(a, b);
  return a.minor < minor ? -1 : a.minor > minor ? 1 : 0;
}

function same(a: Money, b: Money): Money {
  if (a.currency !== b.currency) {
    throw new MoneyError('currency_mismatch', `${a.currency} and ${b.currency} do not mix`);
  }
  return b;
}
