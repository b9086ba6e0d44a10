import { ValidateBy } from 'class-validator';

function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^(19|20|21)\d\d-\d\d-\d\d$/.test(value)) return false;
  const instant = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(value);
}

const defaultMessage = () => 'must be a calendar date such as 2026-01-31';

/** From 1900 to 2199: beyond, it is a slip of a key. */
export const IsDate = (): PropertyDecorator =>
  ValidateBy({ name: 'isDate', validator: { validate: isDate, defaultMessage } });
