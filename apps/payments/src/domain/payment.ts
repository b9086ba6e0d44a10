import { DomainError } from './errors.ts';
import type { Failure } from './outcome.ts';

export const paymentStates = [
  'draft',
  'ready',
  'processing',
  'requires_action',
  'authorised',
  'posted',
  'declined',
  'returned',
  'reversed',
  'discarded',
] as const;
export type PaymentState = (typeof paymentStates)[number];

export const paymentEvents = [
  'ready',
  'reset',
  'discard',
  'decline',
  'execute',
  'record_external',
  'authorise',
  'capture',
  'void',
  'expire',
  'action_required',
  'action_completed',
  'attempt_succeeded',
  'attempt_failed',
  'attempt_failed_final',
  'attempt_unknown',
  'return',
  'reverse',
  'refund_settled',
  'dispute_lost',
] as const;
export type PaymentEvent = (typeof paymentEvents)[number];

/** Every allowed move; what is not here is refused. declined, returned, reversed and discarded are final. */
export const transitions: Readonly<Record<PaymentState, Readonly<Partial<Record<PaymentEvent, PaymentState>>>>> = {
  draft: { ready: 'ready', discard: 'discarded' },
  ready: {
    reset: 'draft',
    discard: 'discarded',
    decline: 'declined',
    execute: 'processing',
    record_external: 'posted',
    authorise: 'authorised',
  },
  processing: {
    action_required: 'requires_action',
    attempt_succeeded: 'posted',
    attempt_failed: 'ready',
    attempt_failed_final: 'declined',
    attempt_unknown: 'processing',
  },
  requires_action: { action_completed: 'processing', expire: 'declined' },
  authorised: { capture: 'posted', void: 'discarded', expire: 'discarded' },
  posted: { return: 'returned', reverse: 'reversed', refund_settled: 'posted', dispute_lost: 'returned' },
  declined: {},
  returned: {},
  reversed: {},
  discarded: {},
};

/** What a caller of the API may ask for, and the move it means. */
const actions = {
  ready: 'ready',
  draft: 'reset',
  discard: 'discard',
  decline: 'decline',
  capture: 'capture',
  void: 'void',
  return: 'return',
  reverse: 'reverse',
} as const satisfies Record<string, PaymentEvent>;
export type PaymentAction = keyof typeof actions;

export type PaymentMethodKind = 'cash' | 'check' | 'wire' | 'lockbox' | 'card' | 'ach';
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
  readonly channel: 'api' | 'autopay';
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
  readonly failure: Failure | null;
  readonly receivedOn: string | null;
  /** The business date of the money: received for offline money, charged for online money. */
  readonly effectiveOn: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly authorisedAt: Date | null;
  readonly postedAt: Date | null;
  readonly reversedAt: Date | null;
}

export interface Reversal {
  readonly id: string;
  readonly reason: 'entered_in_error';
  readonly name: string | null;
  readonly details: string | null;
}

export type FactType = 'created' | 'processing' | 'posted' | 'failed' | 'declined' | 'reversed' | 'discarded';

/** Something that happened, with the payment as it was right after it. */
export interface PaymentFact {
  readonly type: FactType;
  readonly payment: Payment;
  readonly failure?: Failure;
  readonly reversal?: Reversal;
}

export interface Decision {
  readonly next: Payment;
  readonly facts: readonly PaymentFact[];
}

export const seedStates = ['draft', 'ready', 'posted', 'declined', 'returned', 'discarded'] as const;
export type SeedState = (typeof seedStates)[number];

const shown: Readonly<Record<PaymentState, SeedState>> = {
  draft: 'draft',
  ready: 'ready',
  processing: 'ready',
  requires_action: 'ready',
  authorised: 'ready',
  posted: 'posted',
  declined: 'declined',
  returned: 'returned',
  reversed: 'returned',
  discarded: 'discarded',
};

/** The outside knows six states; what happens between ready and posted is ours. */
export function seedState(state: PaymentState): SeedState {
  return shown[state];
}

export function statesShownAs(seed: SeedState): PaymentState[] {
  return paymentStates.filter((state) => shown[state] === seed);
}

export function allowedActions(payment: Pick<Payment, 'state' | 'attemptNo'>): PaymentAction[] {
  return (Object.keys(actions) as PaymentAction[]).filter((action) => isLegal(payment, actions[action]));
}

function isLegal(payment: Pick<Payment, 'state' | 'attemptNo'>, event: PaymentEvent): boolean {
  // Once money was asked for, a payment has a history and cannot become a draft again.
  if (event === 'reset' && payment.attemptNo > 0) return false;
  return transitions[payment.state][event] !== undefined;
}

export function move(payment: Payment, event: PaymentEvent, now: Date): Payment {
  const state = transitions[payment.state][event];
  if (state === undefined || !isLegal(payment, event)) {
    throw new DomainError('invalid_transition', `A ${seedState(payment.state)} payment does not allow ${event}`, {
      allowedActions: allowedActions(payment),
    });
  }
  return { ...payment, state, updatedAt: now };
}

function announce(payment: Payment, type: FactType, extra: Pick<PaymentFact, 'failure' | 'reversal'> = {}): Decision {
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
  failure: null,
  receivedOn: null,
  effectiveOn: null,
  authorisedAt: null,
  postedAt: null,
  reversedAt: null,
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
export function requireAction(payment: Payment, now: Date): Decision {
  return { next: move(payment, 'action_required', now), facts: [] };
}

export function succeed(payment: Payment, effectiveOn: string, now: Date): Decision {
  const posted = move(resume(payment, now), 'attempt_succeeded', now);
  return announce({ ...posted, failure: null, effectiveOn, postedAt: now }, 'posted');
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

export function reverse(payment: Payment, reversal: Reversal, now: Date): Decision {
  return announce({ ...move(payment, 'reverse', now), reversedAt: now }, 'reversed', { reversal });
}
