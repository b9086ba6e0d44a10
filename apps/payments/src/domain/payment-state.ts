import { DomainError } from './errors.ts';

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
  'capture',
  'void',
  'expire',
  'action_required',
  'action_completed',
  'attempt_authorised',
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
  },
  processing: {
    action_required: 'requires_action',
    attempt_authorised: 'authorised',
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

/** What the machine needs to know of a payment. */
interface Moving {
  readonly state: PaymentState;
  readonly attemptNo: number;
  readonly updatedAt: Date;
}

export function allowedActions(payment: Omit<Moving, 'updatedAt'>): PaymentAction[] {
  return (Object.keys(actions) as PaymentAction[]).filter((action) => isLegal(payment, actions[action]));
}

function isLegal(payment: Omit<Moving, 'updatedAt'>, event: PaymentEvent): boolean {
  // Once money was asked for, a payment has a history and cannot become a draft again.
  if (event === 'reset' && payment.attemptNo > 0) return false;
  return transitions[payment.state][event] !== undefined;
}

export function move<P extends Moving>(payment: P, event: PaymentEvent, now: Date): P {
  const state = transitions[payment.state][event];
  if (state === undefined || !isLegal(payment, event)) {
    throw new DomainError('invalid_transition', `A ${seedState(payment.state)} payment does not allow ${event}`, {
      allowedActions: allowedActions(payment),
    });
  }
  return { ...payment, state, updatedAt: now };
}
