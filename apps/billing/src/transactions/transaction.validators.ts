import { ValidateBy } from 'class-validator';
import { MoneyError, parseAmount } from '@quittance/money/money';
import { readRate } from '../domain/rate.ts';

function rule(name: string, validate: (value: unknown, object: object) => boolean, message: string): PropertyDecorator {
  return ValidateBy({
    name,
    validator: { validate: (value, args) => validate(value, args!.object), defaultMessage: () => message },
  });
}

/** Four decimals, as many as any currency has. */
const WIDEST = 'CLF';

function isAmount(value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  try {
    parseAmount(value, WIDEST);
    return true;
  } catch (error) {
    // Too large is told where the currency is known: the fewer decimals it has, the more fits.
    if (error instanceof MoneyError) return error.code === 'out_of_range';
    throw error;
  }
}

/** In which currency is known once the policy was read: here the shape is all that can be told. */
export const IsSignedAmount = () => rule('isSignedAmount', isAmount, 'must be a decimal number such as -90.00');

export const IsRate = () =>
  rule(
    'isRate',
    (value) => typeof value === 'string' && readRate(value) !== null,
    'must be from 0 to 1, with at most six decimals',
  );

/** A field that only bodies of some types have. */
export const OneOf = (field: string, values: readonly string[]) =>
  rule(
    'oneOf',
    (value, object) => value === undefined || values.includes(String((object as Record<string, unknown>)[field])),
    `is only for ${values.join(', ')}`,
  );
