import { isCalendarDate } from '../domain/calendar.ts';
import { rule } from './policy.validators.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const CENTURIES = /^(19|20|21)/;

/** Null for what is no RFC 3339 date and time, or is not of the years 1900 to 2199. */
export function readInstant(text: string): Date | null {
  if (!INSTANT.test(text) || !isCalendarDate(text.slice(0, 10)) || !CENTURIES.test(text)) return null;
  return new Date(text);
}

export const IsInstant = () =>
  rule('isInstant', (value) => typeof value === 'string' && readInstant(value) !== null, 'must be an RFC 3339 instant');
