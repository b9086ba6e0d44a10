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
  requires_action: ['succeeded', 'failed', 'unknown'],
  pending: ['succeeded', 'failed', 'unknown'],
  unknown: ['succeeded', 'failed', 'unknown', 'pending', 'requires_action'],
  succeeded: [],
  failed: [],
};

export interface Attempt {
  readonly tenantId: string;
  readonly paymentId: string;
  readonly n: number;
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
  providerRef: null,
  confirmedMinor: null,
  confirmedCurrency: null,
  failure: null,
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

/** What the payment has to do about it; `alarm` says a person has to look. */
export interface AttemptDecision {
  readonly next: Attempt;
  readonly effect: 'none' | 'succeeded' | 'failed' | 'action_required';
  readonly alarm?: 'amount_mismatch' | 'unresolved' | 'contradiction';
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
      return approve(attempt, outcome, now);
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
      if (attempt.state === outcome.kind) return { next: recheck(attempt, now, resolveAfterMs), effect: 'none' };
      const next = recheck(enter(attempt, outcome.kind), now, resolveAfterMs);
      return {
        next: { ...next, providerRef: outcome.ref, reason: null },
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

function approve(
  attempt: Attempt,
  outcome: Extract<ProviderOutcome, { kind: 'approved' }>,
  now: Date,
): AttemptDecision {
  const confirmed = {
    providerRef: outcome.ref,
    confirmedMinor: outcome.amountMinor,
    confirmedCurrency: outcome.currency,
  };
  if (outcome.amountMinor === attempt.amountMinor && outcome.currency === attempt.currency) {
    return { next: { ...enter(attempt, 'succeeded'), ...confirmed, ...finished(now) }, effect: 'succeeded' };
  }
  // Money moved, but not the money we asked for: posting either amount would be a lie, and asking again changes
  // nothing.
  const next = { ...enter(attempt, 'unknown'), ...confirmed, nextCheckAt: null, alarmedAt: now };
  return { next: { ...next, reason: 'amount_mismatch' }, effect: 'none', alarm: 'amount_mismatch' };
}

/** The second word on a finished attempt changes nothing; a different second word is for a person. */
function applyLate(attempt: Attempt, outcome: ProviderOutcome): AttemptDecision {
  const contradicts =
    (attempt.state === 'failed' && outcome.kind === 'approved') ||
    (attempt.state === 'succeeded' && outcome.kind === 'declined');
  return contradicts ? { next: attempt, effect: 'none', alarm: 'contradiction' } : { next: attempt, effect: 'none' };
}

function enter(attempt: Attempt, state: AttemptState): Attempt {
  if (!attemptTransitions[attempt.state].includes(state)) {
    throw new DomainError('invalid_transition', `An attempt cannot go from ${attempt.state} to ${state}`);
  }
  return { ...attempt, state };
}

function finished(now: Date) {
  return { finishedAt: now, nextCheckAt: null, reason: null };
}

/**
 * When to ask the provider again, in units of the first delay (5 minutes; 5 seconds in development):
 *
 *   check     1      2       3 to 7      from 8
 *   after     1      12      288         288      = 5 min, 1 h, daily five times, then daily under an alarm
 */
const delays = [1, 12, 288] as const;
const alarmAfterChecks = 7;

export function nextCheckAt(checks: number, now: Date, resolveAfterMs: number): Date {
  return new Date(now.getTime() + (delays[checks] ?? 288) * resolveAfterMs);
}

function recheck(attempt: Attempt, now: Date, resolveAfterMs: number): Attempt {
  return { ...attempt, nextCheckAt: nextCheckAt(attempt.checks, now, resolveAfterMs) };
}
