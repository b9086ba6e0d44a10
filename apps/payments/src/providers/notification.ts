import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Instrument } from '../domain/payment-method.ts';

/** What an operation came to, later than its answer: an ACH debit that settled, a customer who authenticated. */
export interface OutcomeNews {
  readonly kind: 'outcome';
  readonly operation: 'charge' | 'capture' | 'void' | 'refund';
  /** Our key of it. */
  readonly key: string;
  readonly outcome: ProviderOutcome;
}

/** The bank took a collected amount back. */
export interface ReturnNews {
  readonly kind: 'returned';
  readonly chargeRef: string;
  readonly scheme: 'ach' | 'sepa_dd' | 'bacs_dd';
  /** `R01` … of NACHA. */
  readonly code: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The bank's date. */
  readonly returnedOn: string;
}

export interface DisputeNews {
  readonly kind: 'dispute';
  readonly disputeRef: string;
  readonly chargeRef: string;
  readonly stage: 'inquiry' | 'pre_arbitration' | 'chargeback' | 'arbitration';
  readonly state: 'opened' | 'challenged' | 'accepted' | 'expired' | 'won' | 'lost';
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly feeMinor: bigint;
  readonly reasonCode: string;
  readonly evidenceDueAt: Date | null;
  readonly decidedOn: string | null;
}

/** A card was replaced or extended, or a mandate taken back. */
export interface MethodNews {
  readonly kind: 'method';
  readonly token: string;
  readonly change: 'updated' | 'revoked';
  readonly instrument: Instrument | null;
  readonly reason: string | null;
}

/** One thing that a provider tells us unasked. It may come twice, late and in any order. */
export type ProviderNotification = {
  readonly provider: string;
  /** The provider's id of this notification: the same in every repetition. */
  readonly id: string;
  readonly occurredAt: Date;
} & (OutcomeNews | ReturnNews | DisputeNews | MethodNews);
