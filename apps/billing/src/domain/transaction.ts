import type { CalendarDate } from './calendar.ts';
import type { PlanChangeScope } from './change-plan.ts';
import type { Charge } from './charge.ts';
import type { PartyChanges } from './policy-parties.ts';
import type { Rate } from './rate.ts';
import type { CancellationMethod } from './return-premium.ts';

export const transactionTypes = [
  'issue',
  'endorsement',
  'cancellation',
  'reinstatement',
  'renewal',
  'nonrenewal',
  'expiration',
  'invalidation',
  'plan_change',
  'party_change',
] as const;
export type TransactionType = (typeof transactionTypes)[number];

export const cancellationReasons = ['non_payment', 'insured_request', 'underwriting', 'flat', 'rewrite'] as const;
export type CancellationReason = (typeof cancellationReasons)[number];

/** Signed charges: for the rest of the term, as sent, or a change of the annual amount, which we pro-rate by days. */
export interface EndorsementRequest {
  readonly type: 'endorsement';
  readonly effectiveDate: CalendarDate;
  readonly charges: readonly Charge[];
  readonly isAnnualised: boolean;
}

export interface CancellationRequest {
  readonly type: 'cancellation';
  readonly effectiveDate: CalendarDate;
  readonly reason: CancellationReason;
  readonly method: CancellationMethod;
  readonly minimumEarnedRate: Rate | null;
  /** What the policy system computed; null: we compute. */
  readonly charges: readonly Charge[] | null;
}

export interface ReinstatementRequest {
  readonly type: 'reinstatement';
  readonly effectiveDate: CalendarDate;
  readonly lapse: boolean;
}

export interface RenewalRequest {
  readonly type: 'renewal';
  readonly effectiveDate: CalendarDate;
  readonly expirationDate: CalendarDate;
  readonly charges: readonly Charge[];
  /** Null: the plan of the term before. */
  readonly plan: string | null;
  /** Whether unapplied money pays the new term; else it is to be paid out. */
  readonly carryForward: boolean;
}

/** No term follows the one of these dates: it was said that it is not renewed, or that it is over. */
export interface TermEndRequest {
  readonly type: 'nonrenewal' | 'expiration';
  readonly effectiveDate: CalendarDate;
  readonly expirationDate: CalendarDate;
}

export interface InvalidationRequest {
  readonly type: 'invalidation';
  readonly transactionId: string;
}

export interface PlanChangeRequest {
  readonly type: 'plan_change';
  readonly plan: string;
  readonly scope: PlanChangeScope;
}

/** Counts from when it is told: what was billed, asked for or reserved before stays as it was. */
export interface PartyChangeRequest {
  readonly type: 'party_change';
  readonly parties: PartyChanges;
}

export type TransactionRequest =
  | EndorsementRequest
  | CancellationRequest
  | ReinstatementRequest
  | RenewalRequest
  | TermEndRequest
  | InvalidationRequest
  | PlanChangeRequest
  | PartyChangeRequest;

/** The request as one text: two are the same exactly when they say the same. */
export function requestText(request: TransactionRequest): string {
  return JSON.stringify(request, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
