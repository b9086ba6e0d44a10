import { DomainError } from './errors.ts';
import type { Failure } from './outcome.ts';
import { move } from './payment-state.ts';
import type { PaymentState } from './payment-state.ts';

export type PaymentMethodKind = 'cash' | 'check' | 'wire' | 'lockbox' | 'card' | 'ach';
export type PaymentChannel = 'api' | 'autopay' | 'link' | 'lockbox' | 'cash' | 'agent';
export type SourceType = 'instalment' | 'subscription';

export interface Payment {
  readonly tenantId: string;
  readonly id: string;
  /** The sequence of the last fact announced about this payment; it rises with facts only, so consumers see no gap. */
  readonly version: number;
  readonly displayId: string;
  readonly state: PaymentState;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly method: PaymentMethodKind | null;
  readonly channel: PaymentChannel;
  readonly policyLocator: string | null;
  readonly policyholderLocator: string | null;
  readonly invoiceLocator: string | null;
  readonly statementLocator: string | null;
  readonly paymentMethodId: string | null;
  readonly merchantId: string | null;
  readonly locationId: string | null;
  readonly fieldValues: Readonly<Record<string, readonly string[]>>;
  /** What billing collects with this payment; the attempt is billing's count, attemptNo is our own. */
  readonly sourceType: SourceType | null;
  readonly sourceId: string | null;
  readonly sourceAttempt: number | null;
  readonly attemptNo: number;
  /** The declined payment this one is a new effort for. */
  readonly retryOf: string | null;
  /** The link it was paid by. */
  readonly linkId: string | null;
  readonly failure: Failure | null;
  /** Who holds or took the money, and its name for it: what a capture, a refund or a dispute refers to. */
  readonly provider: string | null;
  readonly providerRef: string | null;
  /** Given back so far, and reserved by refunds that are under way; together never more than the amount. */
  readonly refundedMinor: bigint;
  readonly refundPendingMinor: bigint;
  /** Under an open dispute. */
  readonly disputedMinor: bigint;
  /** Taken by disputes that were lost. */
  readonly lostMinor: bigint;
  /** Nobody asked for this money: it waits in suspense until a person decides. */
  readonly toSuspense: boolean;
  readonly settlement: 'pending' | 'settled' | 'failed' | null;
  /** How the bank took it back. */
  readonly returned: BankReturn | null;
  readonly receivedOn: string | null;
  /** The business date of the money: received for offline money, charged for online money. */
  readonly effectiveOn: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly authorisedAt: Date | null;
  readonly authorisationExpiresAt: Date | null;
  readonly postedAt: Date | null;
  readonly reversedAt: Date | null;
  readonly returnedAt: Date | null;
}

/** A bank's or scheme's taking back of a posted payment. */
export interface BankReturn {
  readonly scheme: 'ach' | 'sepa_dd' | 'bacs_dd' | 'card' | 'check';
  /** `R01` …; `chargeback` for a lost dispute. */
  readonly code: string;
  /** The payer's fault: what a fee may be charged for. */
  readonly pejorative: boolean;
  readonly returnedOn: string;
}

export interface Reversal {
  readonly id: string;
  readonly reason: 'entered_in_error' | 'misapplied' | 'duplicate';
  readonly pejorative: boolean;
  readonly executedOn: string;
  readonly name: string | null;
  readonly details: string | null;
}

export type FactType =
  | 'created'
  | 'processing'
  | 'action_required'
  | 'authorised'
  | 'posted'
  | 'failed'
  | 'declined'
  | 'returned'
  | 'reversed'
  | 'voided'
  | 'discarded'
  | 'settled'
  | 'flagged';

export const flagReasons = [
  'amount_mismatch',
  'contradiction',
  'late_success',
  'double_recovery',
  'unresolved',
  'unmatched_notification',
  'paid_twice',
] as const;

/** Something a person has to look at. It changes no state. */
export interface Flag {
  readonly id: string;
  readonly reason: (typeof flagReasons)[number];
  /** The amount in question, where it is not the payment's. */
  readonly amount: { readonly minor: bigint; readonly currency: string } | null;
  readonly detail: string | null;
}

/** What is said beside the payment's state. */
export interface FactDetails {
  readonly failure?: Failure;
  readonly reversal?: Reversal;
  readonly action?: { readonly type: string; readonly expiresAt: Date | null };
  readonly flag?: Flag;
}

/** Something that happened, with the payment as it was right after it. */
export interface PaymentFact extends FactDetails {
  readonly type: FactType;
  readonly payment: Payment;
}

export interface Decision {
  readonly next: Payment;
  readonly facts: readonly PaymentFact[];
}

/** Says a fact about the payment as it is now; each raises the version by one. */
export function announce(payment: Payment, type: FactType, extra: FactDetails = {}): Decision {
  const next = { ...payment, version: payment.version + 1 };
  return { next, facts: [{ type, payment: next, ...extra }] };
}

export type NewPayment = Pick<Payment, 'tenantId' | 'id' | 'displayId' | 'amountMinor' | 'currency' | 'channel'> &
  Partial<Omit<Payment, 'version' | 'state' | 'attemptNo'>> & { readonly now: Date };

const blank = {
  method: null,
  policyLocator: null,
  policyholderLocator: null,
  invoiceLocator: null,
  statementLocator: null,
  paymentMethodId: null,
  merchantId: null,
  locationId: null,
  fieldValues: {},
  sourceType: null,
  sourceId: null,
  sourceAttempt: null,
  retryOf: null,
  linkId: null,
  failure: null,
  provider: null,
  providerRef: null,
  refundedMinor: 0n,
  refundPendingMinor: 0n,
  disputedMinor: 0n,
  lostMinor: 0n,
  toSuspense: false,
  settlement: null,
  returned: null,
  receivedOn: null,
  effectiveOn: null,
  authorisedAt: null,
  authorisationExpiresAt: null,
  postedAt: null,
  reversedAt: null,
  returnedAt: null,
} as const;

export function createPayment({ now, ...input }: NewPayment, state: 'draft' | 'ready'): Decision {
  if (input.amountMinor <= 0n) throw new RangeError('amount must be positive');
  return announce({ ...blank, createdAt: now, updatedAt: now, ...input, attemptNo: 0, version: 0, state }, 'created');
}

/** Money that arrived outside of any provider: it is a fact already, received on a date someone vouches for. */
export function recordExternal(payment: Payment, receivedOn: string, now: Date): Decision {
  const posted = move(payment, 'record_external', now);
  return announce({ ...posted, receivedOn, effectiveOn: receivedOn, postedAt: now }, 'posted');
}

/** Asks for money: the payment waits in processing until its one open attempt has an outcome. */
export function execute(payment: Payment, now: Date): Decision {
  const processing = move(payment, 'execute', now);
  return announce({ ...processing, attemptNo: payment.attemptNo + 1, failure: null }, 'processing');
}

/** Nothing could be sent at all: no usable method. Final, because asking again would end the same. */
export function refuse(payment: Payment, failure: Failure, now: Date): Decision {
  return fail({ ...move(payment, 'decline', now), attemptNo: payment.attemptNo + 1 }, failure);
}

/** The customer has to do something at the provider; what waits is still one open attempt. */
export function requireAction(payment: Payment, expiresAt: Date | null, now: Date): Decision {
  const waiting = move(payment, 'action_required', now);
  return announce(waiting, 'action_required', { action: { type: 'authenticate', expiresAt } });
}

/** Who holds the money, and by which name; and the business date on which it counts. */
export interface Collected {
  readonly provider: string;
  readonly providerRef: string | null;
  readonly effectiveOn: string;
}

export function succeed(payment: Payment, collected: Collected, now: Date): Decision {
  const posted = move(resume(payment, now), 'attempt_succeeded', now);
  return announce({ ...posted, ...collected, failure: null, postedAt: now }, 'posted');
}

/** The amount is held; it counts as received only when it is captured. */
export function authorise(
  payment: Payment,
  { provider, providerRef, expiresAt }: Omit<Collected, 'effectiveOn'> & { readonly expiresAt: Date | null },
  now: Date,
): Decision {
  const authorised = move(resume(payment, now), 'attempt_authorised', now);
  const held = { provider, providerRef, failure: null, authorisedAt: now, authorisationExpiresAt: expiresAt };
  return announce({ ...authorised, ...held }, 'authorised');
}

/** A capture or a void is asked for: one more attempt, in the same state until it has its outcome. */
export function followUp(payment: Payment, event: 'capture' | 'void', now: Date): Payment {
  move(payment, event, now);
  return { ...payment, attemptNo: payment.attemptNo + 1, updatedAt: now };
}

export function capture(payment: Payment, effectiveOn: string, now: Date): Decision {
  return announce({ ...move(payment, 'capture', now), effectiveOn, postedAt: now }, 'posted');
}

/** Given back on request, or gone by itself: either way no money has moved. */
export function giveUpAuthorisation(payment: Payment, event: 'void' | 'expire', now: Date): Decision {
  return announce(move(payment, event, now), 'voided');
}

/** Billing may ask again for what it asked for, unless the answer was final; nobody asks again for the rest. */
export function failAttempt(payment: Payment, failure: Omit<Failure, 'retryable'>, now: Date): Decision {
  const isFinal = failure.category === 'hard' || payment.sourceId === null;
  const retryable = !isFinal && failure.category === 'soft';
  return fail(move(resume(payment, now), isFinal ? 'attempt_failed_final' : 'attempt_failed', now), {
    ...failure,
    retryable,
  });
}

/** A provider's final word also ends the waiting for the customer. */
function resume(payment: Payment, now: Date): Payment {
  return payment.state === 'requires_action' ? move(payment, 'action_completed', now) : payment;
}

function fail(moved: Payment, failure: Failure): Decision {
  const failed = announce({ ...moved, failure }, 'failed', { failure });
  if (moved.state !== 'declined') return failed;
  const declined = announce(failed.next, 'declined', { failure });
  return { next: declined.next, facts: [...failed.facts, ...declined.facts] };
}

/** Undoes the posting, of the whole amount: not the bank's doing, and not a refund. */
export function reverse(payment: Payment, reversal: Reversal, now: Date): Decision {
  if (payment.refundedMinor + payment.refundPendingMinor + payment.disputedMinor > 0n) {
    const detail = 'Money of this payment was given back or is disputed: reversing it would undo that a second time.';
    throw new DomainError('payment_not_whole', detail);
  }
  return announce({ ...move(payment, 'reverse', now), reversedAt: now }, 'reversed', { reversal });
}

/** Raises a flag: the payment stays what it is, everybody who listens hears that a person has to look. */
export function raiseFlag(payment: Payment, flag: Flag, now: Date): Decision {
  return announce({ ...payment, updatedAt: now }, 'flagged', { flag });
}
