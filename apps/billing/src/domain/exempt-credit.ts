import { addMonths } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';

export interface CreditTerms {
  readonly agreedOn: CalendarDate;
  readonly dueOn: readonly CalendarDate[];
  /** No interest, and no fee for paying later. */
  readonly isFree: boolean;
}

const PAYMENTS_MAX = 12;
const MONTHS_MAX = 12;

/**
 * Whether paying in instalments stays outside regulated consumer credit in the United Kingdom: at most twelve payments,
 * the last one within twelve months that begin with the date of the agreement, at no cost. An example of a rule that
 * counsel has to confirm, not advice: article 60F of the Regulated Activities Order.
 */
export function isExemptCredit({ agreedOn, dueOn, isFree }: CreditTerms): boolean {
  const over = addMonths(agreedOn, MONTHS_MAX);
  return isFree && dueOn.length <= PAYMENTS_MAX && dueOn.every((date) => date < over);
}
