import { isCurrency } from '@quittance/money/currency';
import { MoneyError, parseAmount } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import { ValidateBy } from 'class-validator';
import type { ValidationArguments, ValidationOptions } from 'class-validator';
import { invalidRequest, Problem } from './problem.ts';

// Longest first: an amount of 2^53 - 1 minor units has 16 digits; more digits than this is nobody's amount.
const DECIMAL = /^-?\d{1,32}(\.\d{1,32})?$/;

/**
 * The shape of an amount in a DTO: a JSON number or a decimal string. How many decimals it may have depends on the
 * currency, so `amountOf` decides that.
 */
export function IsAmount(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy({ name: 'isAmount', validator: { validate: hasShape, defaultMessage: () => NO_SHAPE } }, options);
}

const NO_SHAPE = 'must be a number or a decimal string';

function hasShape(value: unknown): value is string | number {
  return (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && DECIMAL.test(value));
}

/**
 * An amount whose currency is another field: what is wrong with it is said together with the other problems. Where that
 * field names no currency, the shape is all that can be told, and `amountOf` has the last word.
 */
export function IsAmountIn(field: string, rules: AmountRules = {}): PropertyDecorator {
  const faultOf = (value: unknown, object: object): string | undefined => {
    if (!hasShape(value)) return NO_SHAPE;
    const currency = (object as Record<string, unknown>)[field];
    if (typeof currency !== 'string' || !isCurrency(currency)) return undefined;
    try {
      amountOf(value, currency, '', rules);
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error.extra.errors?.[0]?.detail ?? error.detail;
      throw error;
    }
  };
  const validate = (value: unknown, args?: ValidationArguments) => faultOf(value, args?.object ?? {}) === undefined;
  const defaultMessage = (args?: ValidationArguments) => faultOf(args?.value, args?.object ?? {}) ?? '';
  return ValidateBy({ name: 'isAmountIn', validator: { validate, defaultMessage } });
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
