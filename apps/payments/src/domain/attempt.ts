import { DomainError } from './errors.ts';
import type { Failure, ProviderOutcome } from './outcome.ts';
import type { Payment } from './payment.ts';

export const attemptStates = [
  'created',
  'submitted',
  'requires_action',
  'pending',
  'unknown',
  'succeeded',
  'failed',
] as const;
export type AttemptState = (typeof attemptStates)[number];

/** Only a provider's word ends an attempt: there is no move from unknown to failed by the passing of time. */
export const attemptTransitions: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  created: ['submitted'],
  submitted: ['requires_action', 'pending', 'succeeded', 'failed', 'unknown'],
  requires_action: ['pending', 'succeeded', 'failed', 'unknown'],
  pending: ['succeeded', 'failed', 'unknown'],
  unknown: ['succeeded', 'failed', 'unknown', 'pending', 'requires_action'],
  succeeded: [],
  failed: [],
};

export interface Attempt {
  readonly tenantId: string;
  readonly paymentId: string;
  readonly n: number;
  /** The request that waits for it, by the id that its key was claimed under; null when no request does. */
  readonly operationId: string | null;
  /** What is asked of the provider; a capture or a void goes on from an authorisation. */
  readonly operation: 'charge' | 'authorise' | 'capture' | 'void';
  /** The provider's name of the authorisation that a capture or a void is of. */
  readonly chargeRef: string | null;
  readonly state: AttemptState;
  readonly provider: string;
  /** The provider's name for an instrument, never a card number; null when there was none to charge. */
  readonly token: string | null;
  readonly providerRef: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly confirmedMinor: bigint | null;
  readonly confirmedCurrency: string | null;
  readonly sourceType: string | null;
  readonly sourceId: string | null;
  readonly sourceAttempt: number | null;
  readonly failure: Failure | null;
  /** Where the customer goes on; for the customer's eyes only. */
  readonly actionUrl: string | null;
  /** Until when the customer may act there, or, once it is authorised, the amount can be captured. */
  readonly expiresAt: Date | null;
  /** Why nothing is known, in the operator's words. */
  readonly reason: string | null;
  /** The test clock's date the attempt belongs to; null on real time. */
  readonly businessOn: string | null;
  /** How often the provider was asked what became of it. */
  readonly checks: number;
  readonly nextCheckAt: Date | null;
  readonly alarmedAt: Date | null;
  /** The flow it belongs to, so that its outcome is found under the event that asked for it. */
  readonly correlationId: string | null;
  readonly traceparent: string | null;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** The provider's idempotency key: the same for every repetition of one attempt, another for the next attempt. */
export function attemptKey(attempt: Pick<Attempt, 'paymentId' | 'n'>): string {
  return `${attempt.paymentId}_${attempt.n}`;
}

type Given = 'tenantId' | 'id' | 'attemptNo' | 'amountMinor' | 'currency' | 'sourceType' | 'sourceId' | 'sourceAttempt';

const blank = {
  operationId: null,
  operation: 'charge',
  chargeRef: null,
  providerRef: null,
  confirmedMinor: null,
  confirmedCurrency: null,
  failure: null,
  actionUrl: null,
  expiresAt: null,
  reason: null,
  businessOn: null,
  checks: 0,
  nextCheckAt: null,
  alarmedAt: null,
  correlationId: null,
  traceparent: null,
  submittedAt: null,
  finishedAt: null,
} as const;

/** The attempt of a payment that has just been executed or refused: its number is the payment's latest. */
export function createAttempt(
  payment: Pick<Payment, Given>,
  rest: Pick<Attempt, 'provider' | 'token' | 'createdAt'> & Partial<Attempt>,
): Attempt {
  const { tenantId, id, attemptNo, amountMinor, currency, sourceType, sourceId, sourceAttempt } = payment;
  const asked = { tenantId, paymentId: id, n: attemptNo, amountMinor, currency, sourceType, sourceId, sourceAttempt };
  return { ...blank, ...asked, state: 'created', ...rest };
}

export function isOpen(state: AttemptState): boolean {
  return attemptTransitions[state].length > 0;
}

export type AttemptEffect = 'none' | 'charged' | 'authorised' | 'captured' | 'voided' | 'failed' | 'action_required';

/** The word that ends each operation well, and what it does to the payment. */
const successes = {
  charge: { kind: 'approved', effect: 'charged' },
  authorise: { kind: 'authorised', effect: 'authorised' },
  capture: { kind: 'approved', effect: 'captured' },
  void: { kind: 'voided', effect: 'voided' },
} as const;

export type AttemptAlarm = 'amount_mismatch' | 'unresolved' | 'contradiction' | 'late_success';

/** What the payment has to do about it; `alarm` says a person has to look. */
export interface AttemptDecision {
  readonly next: Attempt;
  readonly effect: AttemptEffect;
  readonly alarm?: AttemptAlarm;
}

export function applyOutcome(
  attempt: Attempt,
  outcome: ProviderOutcome,
  now: Date,
  resolveAfterMs: number,
): AttemptDecision {
  if (!isOpen(attempt.state)) return applyLate(attempt, outcome);
  switch (outcome.kind) {
    case 'approved':
    case 'authorised':
    case 'voided':
      return finish(attempt, outcome, now);
    case 'declined': {
      const { code, category, recommendedAction } = outcome;
      const failure = { code, category, recommendedAction, retryable: false };
      const next = {
        ...enter(attempt, 'failed'),
        failure,
        ...finished(now),
        providerRef: outcome.ref ?? attempt.providerRef,
      };
      return { next, effect: 'failed' };
    }
    case 'pending':
    case 'requires_action': {
      if (attempt.state === outcome.kind || isOlderNews(attempt, outcome))
        return { next: recheck(attempt, now, resolveAfterMs), effect: 'none' };
      const next = recheck(enter(attempt, outcome.kind), now, resolveAfterMs);
      return {
        next: { ...next, providerRef: outcome.ref, reason: null, ...actionOf(outcome) },
        effect: outcome.kind === 'requires_action' ? 'action_required' : 'none',
      };
    }
    case 'unknown':
    case 'never_reached': {
      const next = recheck(enter(attempt, 'unknown'), now, resolveAfterMs);
      const isOverdue = next.checks >= alarmAfterChecks && attempt.alarmedAt === null;
      const reason = `${outcome.kind}: ${outcome.reason}`;
      return isOverdue
        ? { next: { ...next, reason, alarmedAt: now }, effect: 'none', alarm: 'unresolved' }
        : { next: { ...next, reason }, effect: 'none' };
    }
  }
}

/** Where it waits for is told in any order: what it waited for earlier is no step back. */
function isOlderNews(attempt: Attempt, outcome: ProviderOutcome): boolean {
  return attempt.state === 'pending' && outcome.kind === 'requires_action';
}

type Success = Extract<ProviderOutcome, { kind: 'approved' | 'authorised' | 'voided' }>;

function finish(attempt: Attempt, outcome: Success, now: Date): AttemptDecision {
  const { kind, effect } = successes[attempt.operation];
  const known = { providerRef: outcome.ref };
  if (outcome.kind !== kind) return suspect({ ...attempt, ...known }, 'contradiction', now);
  if (outcome.kind === 'voided')
    return { next: { ...enter(attempt, 'succeeded'), ...known, ...finished(now) }, effect };
  const confirmed = { ...known, confirmedMinor: outcome.amountMinor, confirmedCurrency: outcome.currency };
  const isExact = outcome.amountMinor === attempt.amountMinor && outcome.currency === attempt.currency;
  if (!isExact) return suspect({ ...attempt, ...confirmed }, 'amount_mismatch', now);
  const expiresAt = outcome.kind === 'authorised' ? outcome.expiresAt : null;
  return { next: { ...enter(attempt, 'succeeded'), ...confirmed, ...finished(now), expiresAt }, effect };
}

/** Money moved, but not as we asked: posting it either way would be a lie, and asking again changes nothing. */
function suspect(attempt: Attempt, alarm: 'amount_mismatch' | 'contradiction', now: Date): AttemptDecision {
  const next = { ...enter(attempt, 'unknown'), nextCheckAt: null, alarmedAt: now, reason: alarm };
  return { next, effect: 'none', alarm };
}

/**
 * The second word on a finished attempt changes nothing about it; a different second word is for a person. That money
 * came after all is a late success, whatever was asked for since.
 */
function applyLate(attempt: Attempt, outcome: ProviderOutcome): AttemptDecision {
  const unchanged = { next: attempt, effect: 'none' } as const;
  const { kind, effect } = successes[attempt.operation];
  if (attempt.state === 'failed' && outcome.kind === kind) {
    const isMoney = effect === 'charged' || effect === 'captured';
    return { ...unchanged, alarm: isMoney ? 'late_success' : 'contradiction' };
  }
  const contradicts = attempt.state === 'succeeded' && outcome.kind === 'declined';
  return contradicts ? { ...unchanged, alarm: 'contradiction' } : unchanged;
}

/** What was confirmed instead of what was asked for, and how the attempt ends by it. */
export interface AcceptedMismatch {
  readonly next: Attempt;
  readonly failure: Failure;
  readonly confirmed: { readonly providerRef: string; readonly amountMinor: bigint; readonly currency: string };
}

/** A person takes the amount that the provider confirmed: the attempt did not bring what it was made for. */
export function acceptMismatch(attempt: Attempt, now: Date): AcceptedMismatch {
  const { state, reason, operation, providerRef, confirmedMinor, confirmedCurrency } = attempt;
  const isMoney = operation === 'charge' || operation === 'capture';
  const isOpenMismatch = state === 'unknown' && reason === 'amount_mismatch' && isMoney;
  if (!isOpenMismatch || providerRef === null || confirmedMinor === null || confirmedCurrency === null) {
    throw new DomainError('invalid_transition', 'No other amount is waiting to be accepted.', { allowedActions: [] });
  }
  const code = 'amount_mismatch';
  const failure: Failure = { code, category: 'hard', retryable: false, recommendedAction: 'contact_support' };
  const next = { ...enter(attempt, 'failed'), failure, ...finished(now) };
  return { next, failure, confirmed: { providerRef, amountMinor: confirmedMinor, currency: confirmedCurrency } };
}

function enter(attempt: Attempt, state: AttemptState): Attempt {
  if (!attemptTransitions[attempt.state].includes(state)) {
    throw new DomainError('invalid_transition', `An attempt cannot go from ${attempt.state} to ${state}`);
  }
  return { ...attempt, state };
}

function actionOf(outcome: ProviderOutcome) {
  if (outcome.kind !== 'requires_action') return { actionUrl: null, expiresAt: null };
  return { actionUrl: outcome.url ?? null, expiresAt: outcome.expiresAt ?? null };
}

function finished(now: Date) {
  return { finishedAt: now, nextCheckAt: null, reason: null, actionUrl: null, expiresAt: null };
}

/**
 * When to ask the provider again, in units of the first delay (5 minutes; 5 seconds in development):
 *
 *   check     1      2       3 to 7      from 8
 *   after     1      12      288         288      = 5 min, 1 h, daily five times, then daily under an alarm
 */
const delays = [1, 12, 288] as const;
export const alarmAfterChecks = 7;

export function nextCheckAt(checks: number, now: Date, resolveAfterMs: number): Date {
  return new Date(now.getTime() + (delays[checks] ?? 288) * resolveAfterMs);
}

function recheck(attempt: Attempt, now: Date, resolveAfterMs: number): Attempt {
  return { ...attempt, nextCheckAt: nextCheckAt(attempt.checks, now, resolveAfterMs) };
}
