import type { CollectionOutcome, CollectionReport } from '../domain/partner-collection.ts';
import type { QuotePackage } from '../domain/partner-quote.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Instalment } from '../domain/instalment.ts';
import type { DueLine } from '../instalments/due.repository.ts';

/** What a partner said of its attempt, as it said it. */
export interface ReportedAttempt extends CollectionReport {
  readonly attemptedAt: Date;
  readonly failures: object | null;
}

/** An instalment as a partner sees it, with the last that it said of it. */
export interface PartnerInstalment extends Instalment {
  readonly quoteId: string;
  readonly lines: readonly DueLine[];
  readonly paidThrough: CalendarDate | null;
  readonly lastOutcome: CollectionOutcome | null;
  readonly lastFailures: object | null;
}

export interface BookingView {
  readonly booking: QuotePackage;
  /** In the order of quotes and numbers. */
  readonly instalments: readonly PartnerInstalment[];
}
