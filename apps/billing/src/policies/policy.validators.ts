import { ValidateBy, ValidateIf } from 'class-validator';
import type { ValidationArguments } from 'class-validator';
import { isCurrency } from '@quittance/money/currency';
import { maxMinor, MoneyError, parseAmount } from '@quittance/money/money';
import { isCalendarDate } from '../domain/calendar.ts';
import { isPlanName } from '../domain/plan.ts';
import { isTimeZone } from '../domain/zone.ts';

type Check = (value: unknown, args: ValidationArguments) => boolean;

export function rule(
  name: string,
  validate: Check,
  message: string | ((args: ValidationArguments) => string),
): PropertyDecorator {
  const defaultMessage = (args?: ValidationArguments) => (typeof message === 'string' ? message : message(args!));
  return ValidateBy({ name, validator: { validate: (value, args) => validate(value, args!), defaultMessage } });
}

/** May be left out. Null is no absence but a value, and of a wrong type: `@IsOptional()` would let it through. */
export const IfPresent = () => ValidateIf((_object, value: unknown) => value !== undefined);

const isText = (value: unknown): value is string => typeof value === 'string';

/** From 1900 to 2199: beyond, it is a slip of a key and not a policy. */
export const IsCalendarDate = () =>
  rule(
    'isCalendarDate',
    (value) => isText(value) && /^(19|20|21)/.test(value) && isCalendarDate(value),
    'must be a calendar date such as 2025-01-31',
  );

export const IsCurrencyCode = () =>
  rule('isCurrencyCode', (value) => isText(value) && isCurrency(value), 'must be an ISO 4217 currency code');

export const IsTimeZoneName = () =>
  rule(
    'isTimeZoneName',
    (value) => isText(value) && isTimeZone(value),
    'must be an IANA time zone such as Europe/Paris',
  );

/** Whether there is such a plan, the tenant's own included, is looked up where it is used. */
export const IsPlanName = () =>
  rule(
    'isPlanName',
    (value) => isText(value) && isPlanName(value),
    'must be lower-case words and numbers with hyphens between, at most 64 characters',
  );

export const IsLaterThan = (other: string) =>
  rule(
    'isLaterThan',
    (value, { object }) => {
      const start = (object as Record<string, unknown>)[other];
      // A date that is none is the other rule's business.
      return !isText(value) || !isText(start) || !isCalendarDate(start) || value > start;
    },
    `must be later than ${other}`,
  );

/** What a charge's amount is read in: the currency stands beside the list, where the charge alone cannot see it. */
const currencies = new WeakMap<object, unknown>();

export function readIn(charges: unknown, currency: unknown): unknown {
  if (!Array.isArray(charges)) return charges;
  for (const charge of charges as unknown[]) {
    if (typeof charge === 'object' && charge !== null) currencies.set(charge, currency);
  }
  return charges;
}

function problemOf(value: unknown, charge: object): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return 'must be a number or a decimal string';
  const currency = currencies.get(charge);
  try {
    // In an unknown currency the shape is all that can be told.
    const amount = parseAmount(value, isText(currency) && isCurrency(currency) ? currency : 'CLF');
    return amount.minor < 0n ? 'must not be negative' : null;
  } catch (error) {
    if (error instanceof MoneyError) return error.message;
    throw error;
  }
}

export const IsChargeAmount = () =>
  rule(
    'isChargeAmount',
    (value, { object }) => problemOf(value, object) === null,
    ({ value, object }) => problemOf(value, object) ?? '',
  );

/** Together the charges are an amount that can be billed. Asked only where each of them is one. */
export const AddUp = () =>
  rule(
    'addUp',
    (value) => {
      const total = totalOf(value);
      return total === null || (total > 0n && total <= maxMinor);
    },
    'must add up to more than zero and to no more than 2^53 - 1 minor units',
  );

function totalOf(charges: unknown): bigint | null {
  if (!Array.isArray(charges) || charges.length === 0) return null;
  let total = 0n;
  for (const charge of charges as { amount?: unknown }[]) {
    const currency = typeof charge === 'object' && charge !== null ? currencies.get(charge) : undefined;
    if (!isText(currency) || !isCurrency(currency) || problemOf(charge.amount, charge) !== null) return null;
    total += parseAmount(charge.amount as string | number, currency).minor;
  }
  return total;
}
