import { MoneyError, parseAmount } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import { ValidateBy } from 'class-validator';
import type { ValidationOptions } from 'class-validator';
import { invalidRequest } from './problem.ts';

// Longest first: an amount of 2^53 - 1 minor units has 16 digits; more digits than this is nobody's amount.
const DECIMAL = /^-?\d{1,32}(\.\d{1,32})?$/;

/**
 * The shape of an amount in a DTO: a JSON number or a decimal string. How many decimals it may have depends on the
 * currency, so `amountOf` decides that.
 */
export function IsAmount(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) =>
    (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && DECIMAL.test(value));
  const defaultMessage = () => 'must be a number or a decimal string';
  return ValidateBy({ name: 'isAmount', validator: { validate, defaultMessage } }, options);
}

export interface AmountRules {
  /** Below zero is allowed, as in the charges of an endorsement. */
  signed?: boolean;
  /** Zero is refused. */
  positive?: boolean;
}

/**
 * The money that a request names, or 400 with the pointer: not a number, more decimals than the currency has, out of
 * range, below zero.
 *
 * @example const total = amountOf(dto.amount, dto.currency, '/amount', { positive: true });
 */
export function amountOf(value: string | number, currency: string, pointer: string, rules: AmountRules = {}): Money {
  const amount = parsed(value, currency, pointer);
  if (amount.minor < 0n && !rules.signed) throw invalidRequest([{ pointer, detail: 'must not be negative' }]);
  if (amount.minor === 0n && rules.positive) throw invalidRequest([{ pointer, detail: 'must be greater than zero' }]);
  return amount;
}

function parsed(value: string | number, currency: string, pointer: string): Money {
  try {
    return parseAmount(value, currency);
  } catch (error) {
    if (error instanceof MoneyError) throw invalidRequest([{ pointer, detail: error.message }]);
    throw error;
  }
}
