import { MoneyError, formatAmount, maxMinor, parseAmount } from './money.ts';
import type { Money } from './money.ts';

/** An amount in an event: the decimal string for people, the integer for programs. */
export interface WireAmount {
  amount: string;
  amountMinor: number;
  currency: string;
}

/**
 * @throws MoneyError `out_of_range` when a JSON integer could not carry it, `unknown_currency`
 * @example toWire(money(2567n, 'USD')) // { amount: '25.67', amountMinor: 2567, currency: 'USD' }
 */
export function toWire(amount: Money): WireAmount {
  if (amount.minor > maxMinor || amount.minor < -maxMinor) {
    throw new MoneyError('out_of_range', 'more than 2^53 - 1 minor units');
  }
  return { amount: formatAmount(amount), amountMinor: Number(amount.minor), currency: amount.currency };
}

/**
 * Reads an amount that another service wrote. Both spellings must name the same amount: one that says two things is
 * never half believed.
 *
 * @throws MoneyError `amount_mismatch`, and those of `parseAmount`
 * @example fromWire({ amount: '25.67', amountMinor: 2567, currency: 'USD' }) // { minor: 2567n, currency: 'USD' }
 */
export function fromWire({ amount, amountMinor, currency }: WireAmount): Money {
  const read = parseAmount(amount, currency);
  if (Number(read.minor) !== amountMinor) {
    throw new MoneyError('amount_mismatch', `${amount} ${currency} is not ${amountMinor} minor units`);
  }
  return read;
}
