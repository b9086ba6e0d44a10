import { ValidateBy } from 'class-validator';

const INSTANT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339, and a day that the calendar has: `Date` would take the 30th of February for the 2nd of March. */
function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || !INSTANT.test(value)) return false;
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value.slice(0, 10));
}

export function IsInstant(): PropertyDecorator {
  const defaultMessage = () => 'must be an RFC 3339 instant';
  return ValidateBy({ name: 'isInstant', validator: { validate: isInstant, defaultMessage } });
}
