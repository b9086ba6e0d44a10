import { ValidateBy } from 'class-validator';
import type { ValidationArguments } from 'class-validator';
import { isCurrency } from '@quittance/money/currency';
import { maxMinor, MoneyError, parseAmount } from '@quittance/money/money';
import { isCalendarDate } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { readInstant } from '../policies/instant.validator.ts';

const CENTURIES = /^(19|20|21)/;

const isText = (value: unknown): value is string => typeof value === 'string';

/** A calendar date, or the date in UTC of an instant (RFC 3339). */
export function readDate(text: string): CalendarDate | null {
  if (isCalendarDate(text)) return CENTURIES.test(text) ? text : null;
  return readInstant(text)?.toISOString().slice(0, 10) ?? null;
}

function rule(
  name: string,
  validate: (value: unknown, object: object) => boolean,
  message: string | ((value: unknown, object: object) => string),
): PropertyDecorator {
  const defaultMessage = (args?: ValidationArguments) =>
    typeof message === 'string' ? message : message(args?.value, args?.object ?? {});
  return ValidateBy({ name, validator: { validate: (value, args) => validate(value, args!.object), defaultMessage } });
}

export const IsDateOrInstant = () =>
  rule(
    'isDateOrInstant',
    (value) => isText(value) && readDate(value) !== null,
    'must be a date such as 2025-01-31, or an RFC 3339 instant',
  );

export const EndsAfter = (other: string) =>
  rule(
    'endsAfter',
    (value, object) => {
      const start = (object as Record<string, unknown>)[other];
      const [from, to] = [start, value].map((each) => (isText(each) ? readDate(each) : null));
      // A date that is none is the other rule's business.
      return from == null || to == null || to > from;
    },
    `must be later than ${other}`,
  );

/** What an object's amounts are read in: the currency stands at the top, where the parts alone cannot see it. */
const currencies = new WeakMap<object, unknown>();

export function readAllIn(value: unknown, currency: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  currencies.set(value, currency);
  for (const part of Object.values(value)) readAllIn(part, currency);
}

function faultOf(value: unknown, object: object): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return 'must be a number or a decimal string';
  const currency = currencies.get(object);
  try {
    // In an unknown currency the shape is all that can be told.
    const { minor } = parseAmount(value, isText(currency) && isCurrency(currency) ? currency : 'CLF');
    return minor < 0n ? 'must not be negative' : null;
  } catch (error) {
    if (error instanceof MoneyError) return error.message;
    throw error;
  }
}

export const IsQuotedAmount = () =>
  rule(
    'isQuotedAmount',
    (value, object) => faultOf(value, object) === null,
    (value, object) => faultOf(value, object) ?? '',
  );

interface Item {
  amount: string | number;
}

/** The amount in minor units, or null where it is none; of an object that `readAllIn` has seen. */
export function minorOf(value: unknown, object: object): bigint | null {
  const currency = typeof object === 'object' && object !== null ? currencies.get(object) : undefined;
  const isReadable = isText(currency) && isCurrency(currency) && faultOf(value, object) === null;
  return isReadable ? parseAmount(value as string | number, currency).minor : null;
}

/** Null where one has no amount. */
function sumOf(items: readonly Item[]): bigint | null {
  return items.reduce<bigint | null>((sum, item) => {
    const minor = minorOf(item?.amount, item);
    return sum === null || minor === null ? null : sum + minor;
  }, 0n);
}

/** What is said to be the sum of a list is it. */
export const IsTotalOf = (list: string) =>
  rule(
    'isTotalOf',
    (value, object) => {
      const items = (object as Record<string, unknown>)[list];
      if (!Array.isArray(items) || items.length === 0) return true;
      const [total, sum] = [minorOf(value, object), sumOf(items as Item[])];
      return total === null || sum === null || total === sum;
    },
    `must be the sum of ${list}`,
  );

/** What is quoted in all can be billed. Asked only where each part is an amount. */
export const CanBeBilled = (totalOf: (object: object) => bigint | null) =>
  rule(
    'canBeBilled',
    (_value, object) => {
      const total = totalOf(object);
      return total === null || (total > 0n && total <= maxMinor);
    },
    'must with tax and surcharges be more than zero and no more than 2^53 - 1 minor units',
  );
