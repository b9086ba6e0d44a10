import type { CalendarDate } from './calendar.ts';
import type { Charge } from './charge.ts';

/** Who sells for the tenant and collects the money: it sees what is its own and nothing else. */
export interface PartnerKey {
  readonly tenantId: string;
  readonly partnerId: string;
}

/** A price that a partner was given, and the policy that was made of it once it was booked. */
export interface Quote {
  readonly id: string;
  readonly startOn: CalendarDate;
  readonly endOn: CalendarDate;
  readonly charges: readonly Charge[];
  readonly booked: { readonly plan: string; readonly policyLocator: string } | null;
}

/** Quotes that are booked together: all of those that are chosen, or none. */
export interface QuotePackage extends PartnerKey {
  readonly id: string;
  readonly currency: string;
  readonly quotes: readonly Quote[];
  readonly createdAt: Date;
  readonly bookedAt: Date | null;
}

/** A price as it comes in. */
export type QuoteTerms = Pick<Quote, 'startOn' | 'endOn' | 'charges'>;

/** What a partner chooses: a quote, and the plan that it is paid by. */
export interface ChosenQuote {
  readonly id: string;
  readonly plan: string;
}
