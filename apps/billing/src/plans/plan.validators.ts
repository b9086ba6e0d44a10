import type { ValidationArguments } from 'class-validator';
import { findPlan, isPlanName } from '../domain/plan.ts';
import { rule } from '../policies/policy.validators.ts';
import { basisPointsOf } from './plan-config.ts';

/** A name that a tenant may give: those of the built-in plans are taken. */
export const IsNewPlanName = () =>
  rule(
    'isNewPlanName',
    (value) => typeof value === 'string' && isPlanName(value) && !findPlan(value),
    'must be lower-case words and numbers with hyphens between, at most 64 characters, and not of a built-in plan',
  );

type Fault = (value: unknown) => string | null;

/** Where the field beside it has this value there must be a right one, else there must be none. */
export const WithOnly = (field: string, value: string, faultOf: Fault) => {
  const fault = (own: unknown, { object }: ValidationArguments): string | null => {
    const isMeant = (object as Record<string, unknown>)[field] === value;
    if (isMeant) return faultOf(own);
    return (own ?? null) === null ? null : `must be absent unless ${field} is ${value}`;
  };
  return rule(
    'withOnly',
    (own, args) => fault(own, args) === null,
    (args) => fault(args.value, args) ?? '',
  );
};

export const wholeNumber =
  (min: number, max: number): Fault =>
  (value) =>
    isWhole(value, min, max) ? null : `must be a whole number from ${min} to ${max}`;

export const wholeNumbers =
  ([min, max]: [number, number], countMax: number): Fault =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= countMax && value.every((n) => isWhole(n, min, max))
      ? null
      : `must be a list of 1 to ${countMax} whole numbers from ${min} to ${max}`;

export const oneOf =
  (values: readonly string[]): Fault =>
  (value) =>
    values.includes(value as string) ? null : `must be one of ${values.join(', ')}`;

export const percent: Fault = (value) => {
  const basisPoints = typeof value === 'string' || typeof value === 'number' ? basisPointsOf(value) : null;
  return basisPoints !== null && basisPoints > 0 && basisPoints < 10_000
    ? null
    : 'must be more than 0 and less than 100, with at most two decimals';
};

/** What is in it is its own classes' business. */
export const aList: Fault = (value) => (Array.isArray(value) && value.length > 0 ? null : 'must be a list of amounts');

export const absentOr =
  (faultOf: Fault): Fault =>
  (value) =>
    (value ?? null) === null ? null : faultOf(value);

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
}
