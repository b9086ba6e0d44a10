import type { QuotePackage } from '../domain/partner-quote.ts';
import type { Offer } from '../schedules/schedule.view.ts';

export interface QuotedPackage {
  readonly quotePackage: QuotePackage;
  /** The plans that fit each quote, in its order. */
  readonly offers: readonly (readonly Offer[])[];
}
