import { DomainError, fieldError } from './errors.ts';
import type { Payment } from './payment.ts';
import { moveRefund } from './refund-state.ts';
import type { RefundState } from './refund-state.ts';
import { refundable, release, reserve, settle, unsettle } from './refundable.ts';

export const refundDestinations = ['original_method', 'ach', 'check'] as const;
export type RefundDestination = (typeof refundDestinations)[number];

export interface RefundFailure {
  readonly code: string;
  readonly recommendedAction: string;
}

export interface Refund {
  readonly tenantId: string;
  readonly id: string;
  /** The sequence of the last fact announced about this refund. */
  readonly version: number;
  readonly paymentId: string;
  readonly state: RefundState;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly destination: RefundDestination;
  readonly reason: string;
  /** The clients that asked and that decided; never the same one. */
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  /** Who holds the money, its name of the charge, and its name of the refund. */
  readonly provider: string | null;
  readonly chargeRef: string | null;
  readonly providerRef: string | null;
  /** How often the provider was asked for it: its final no to one key is no answer to the next. */
  readonly attemptNo: number;
  readonly failure: RefundFailure | null;
  /** The cheque that it became. */
  readonly disbursementId: string | null;
  /** Why nothing is known, in the operator's words. */
  readonly note: string | null;
  readonly businessOn: string | null;
  readonly checks: number;
  readonly nextCheckAt: Date | null;
  readonly alarmedAt: Date | null;
  /** The business date on which the money left. */
  readonly effectiveOn: string | null;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
  readonly finishedAt: Date | null;
}

export type RefundFactType = 'requested' | 'approved' | 'processing' | 'succeeded' | 'failed' | 'cancelled';

/** Something that happened, with refund and payment as they were right after it. */
export interface RefundFact {
  readonly type: RefundFactType;
  readonly refund: Refund;
  readonly payment: Payment;
}

/** A refund and the payment that it is of: they are locked, decided and written together. */
export interface RefundCase {
  readonly refund: Refund;
  readonly payment: Payment;
}

export interface RefundDecision extends RefundCase {
  readonly facts: readonly RefundFact[];
}

export interface RefundRequest {
  readonly id: string;
  /** Null is all that is left. */
  readonly amountMinor: bigint | null;
  readonly reason: string;
  /** Null is the way it came, or a cheque where it came by none. */
  readonly destination: RefundDestination | null;
  readonly requestedBy: string;
  /** A second person decides about more than this; null never asks one. */
  readonly approvalAboveMinor: bigint | null;
  readonly now: Date;
}

/** Reserves the amount at once, so that no two refunds promise the same money. */
export function requestRefund(payment: Payment, request: RefundRequest): RefundDecision {
  const { id, reason, requestedBy, approvalAboveMinor, now } = request;
  const amountMinor = request.amountMinor ?? refundable(payment);
  const reserved = reserve(payment, amountMinor, now);
  const destination = destinationOf(payment, request.destination);
  const { tenantId, id: paymentId, currency, provider, providerRef: chargeRef } = payment;
  const refund: Refund = {
    ...{ tenantId, id, version: 0, paymentId, state: 'requested', amountMinor, currency, destination, reason },
    ...{ requestedBy, decidedBy: null, provider, chargeRef, providerRef: null, attemptNo: 0, failure: null },
    ...{ disbursementId: null, note: null, businessOn: null, checks: 0, nextCheckAt: null, alarmedAt: null },
    ...{ effectiveOn: null, createdAt: now, submittedAt: null, finishedAt: null },
  };
  const needsApproval = approvalAboveMinor !== null && amountMinor > approvalAboveMinor;
  return announce({ refund: needsApproval ? moveRefund(refund, 'hold') : refund, payment: reserved }, 'requested');
}

/** What came by a provider goes back that way unless a cheque is asked for; everything else goes by cheque. */
function destinationOf({ provider, providerRef }: Payment, asked: RefundDestination | null): RefundDestination {
  const byProvider = provider !== null && providerRef !== null;
  const destination = asked ?? (byProvider ? 'original_method' : 'check');
  const isPossible = destination === 'check' || (destination === 'original_method' && byProvider);
  if (isPossible) return destination;
  throw fieldError('destination_not_supported', '/destination', 'this payment cannot be given back that way');
}

export function approveRefund({ refund, payment }: RefundCase, by: string): RefundDecision {
  const approved = moveRefund(refund, 'approve');
  if (refund.requestedBy === by) {
    throw new DomainError('second_person_required', 'The client that asked for a refund cannot approve it.');
  }
  return announce({ refund: { ...approved, decidedBy: by }, payment }, 'approved');
}

export function withdrawRefund(
  { refund, payment }: RefundCase,
  how: { readonly event: 'reject' | 'cancel'; readonly by: string; readonly now: Date },
): RefundDecision {
  const withdrawn = { ...moveRefund(refund, how.event), decidedBy: how.by, finishedAt: how.now };
  return announce({ refund: withdrawn, payment: release(payment, refund.amountMinor, how.now) }, 'cancelled');
}

export interface Submission {
  readonly now: Date;
  /** After that somebody else asks the provider what became of it. */
  readonly checkAt: Date;
  readonly businessOn: string | null;
}

/** Hands the refund to the provider, unless the payment was taken back while the refund waited. */
export function submitRefund({ refund, payment }: RefundCase, submission: Submission): RefundDecision {
  if (payment.state !== 'posted') {
    const failure = { code: 'payment_not_posted', recommendedAction: 'none' };
    return failRefund({ refund, payment }, failure, submission.now);
  }
  return announce({ refund: underWay(moveRefund(refund, 'submit'), submission), payment }, 'processing');
}

/** Asks the provider once more, under a new key: its no to the old one is final. */
export function retryRefund({ refund, payment }: RefundCase, submission: Submission): RefundDecision {
  const retried = underWay(moveRefund(refund, 'retry'), submission);
  if (refund.destination !== 'original_method') {
    throw new DomainError('destination_not_supported', 'This refund was a cheque: convert it into a new one.');
  }
  const reserved = reserve(payment, refund.amountMinor, submission.now);
  return announce({ refund: retried, payment: reserved }, 'processing');
}

function underWay(moved: Refund, { now, checkAt, businessOn }: Submission): Refund {
  return {
    ...{ ...moved, attemptNo: moved.attemptNo + 1, providerRef: null, failure: null },
    ...{ businessOn, finishedAt: null, submittedAt: now, checks: 0, nextCheckAt: checkAt, alarmedAt: null, note: null },
  };
}

/** From here on the money leaves by a disbursement, which says itself when it does. */
export function convertRefund({ refund, payment }: RefundCase, disbursementId: string, now: Date): RefundDecision {
  const hasFailed = refund.state === 'failed';
  const moved = moveRefund(refund, hasFailed ? 'convert' : 'pay_by_check');
  const converted: Refund = { ...moved, destination: 'check', disbursementId, finishedAt: null };
  const reserved = hasFailed ? reserve(payment, refund.amountMinor, now) : payment;
  return announce({ refund: converted, payment: reserved }, 'processing');
}

/** The cheque is on its way. The disbursement is the fact that says so; a second one would pay the money out twice. */
export function settleByCheck({ refund, payment }: RefundCase, effectiveOn: string, now: Date): RefundDecision {
  const paid: Refund = { ...refund, effectiveOn, failure: null, finishedAt: now };
  return { refund: paid, payment: settle(payment, refund.amountMinor, now), facts: [] };
}

/** The cheque came to nothing, issued or not: what it was for is free again. */
export function failByCheck({ refund, payment }: RefundCase, code: string, now: Date): RefundDecision {
  const failure = { code, recommendedAction: 'refund_by_check' };
  if (refund.finishedAt === null) return failRefund({ refund, payment }, failure, now);
  const failed: Refund = { ...moveRefund(refund, 'fail'), failure, effectiveOn: null, finishedAt: now };
  return announce({ refund: failed, payment: unsettle(payment, refund.amountMinor, now) }, 'failed');
}

export function failRefund({ refund, payment }: RefundCase, failure: RefundFailure, now: Date): RefundDecision {
  const failed: Refund = { ...moveRefund(refund, 'fail'), failure, ...finished(now) };
  return announce({ refund: failed, payment: release(payment, refund.amountMinor, now) }, 'failed');
}

export function succeedRefund(
  { refund, payment }: RefundCase,
  done: { readonly providerRef: string; readonly effectiveOn: string },
  now: Date,
): RefundDecision {
  const succeeded: Refund = { ...moveRefund(refund, 'succeed'), ...done, ...finished(now) };
  return announce({ refund: succeeded, payment: settle(payment, refund.amountMinor, now) }, 'succeeded');
}

function finished(now: Date) {
  return { finishedAt: now, nextCheckAt: null, note: null };
}

function announce({ refund, payment }: RefundCase, type: RefundFactType): RefundDecision {
  const next = { ...refund, version: refund.version + 1 };
  return { refund: next, payment, facts: [{ type, refund: next, payment }] };
}
