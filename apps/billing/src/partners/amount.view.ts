import { exponentOf } from '@quittance/money/currency';
import { formatAmount } from '@quittance/money/money';
import type { CalendarDate } from '../domain/calendar.ts';

/**
 * `€7.50`, from the amount's own currency: the document has a euro sign beside `"currency": "USD"`. The digits are the
 * exact ones; what is read for show is never read back.
 */
export function shown(minor: bigint, currency: string): string {
  const digits = exponentOf(currency);
  const format = new Intl.NumberFormat('en-US', {
    ...{ style: 'currency', currency },
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
  });
  return format.format(formatAmount({ minor, currency }) as `${number}`);
}

/** The dialect has instants where we have dates: midnight UTC. */
export function midnight(date: CalendarDate): string {
  return `${date}T00:00:00.000Z`;
}
