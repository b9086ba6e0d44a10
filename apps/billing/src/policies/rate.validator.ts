import { ValidateBy } from 'class-validator';
import type { Rate } from '../domain/rate.ts';
import { readRate } from '../domain/rate.ts';

/** A part of one: '0.15' or 0.15, with at most six decimals. `rateOf` reads it. */
export function IsRate(): PropertyDecorator {
  const validate = (value: unknown) => isRateLike(value) && readRate(String(value)) !== null;
  const defaultMessage = () => 'must be a decimal from 0 to 1 with at most six decimals';
  return ValidateBy({ name: 'isRate', validator: { validate, defaultMessage } });
}

export function rateOf(value: string | number): Rate {
  const rate = readRate(String(value));
  if (rate === null) throw new Error('what was validated reads as a rate');
  return rate;
}

function isRateLike(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
