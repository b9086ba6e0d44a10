import { DomainError } from './errors.ts';

export const subscriptionStatuses = ['incomplete', 'active', 'past_due', 'paused', 'cancelled', 'completed'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

export const subscriptionEvents = [
  'activate',
  'fail',
  'recover',
  'pause',
  'resume',
  'cancel',
  'complete',
  'reopen',
] as const;
export type SubscriptionEvent = (typeof subscriptionEvents)[number];

/**
 * `incomplete` has never been paid; `paused` is never charged. `reopen`: money of a completed one went back, and what
 * is completed has every period paid.
 */
export const subscriptionTransitions: Record<
  SubscriptionStatus,
  Partial<Record<SubscriptionEvent, SubscriptionStatus>>
> = {
  incomplete: { activate: 'active', cancel: 'cancelled' },
  active: { fail: 'past_due', pause: 'paused', cancel: 'cancelled', complete: 'completed' },
  past_due: { recover: 'active', pause: 'paused', cancel: 'cancelled' },
  paused: { resume: 'active', cancel: 'cancelled' },
  cancelled: {},
  completed: { reopen: 'past_due' },
};

/** @throws DomainError `invalid_transition` */
export function moveSubscription(status: SubscriptionStatus, event: SubscriptionEvent): SubscriptionStatus {
  const next = subscriptionTransitions[status][event];
  if (!next) {
    throw new DomainError('invalid_transition', `A subscription that is ${status} cannot ${event}.`, {
      allowedActions: allowedActions(status),
    });
  }
  return next;
}

/** What a person may do with it. */
function allowedActions(status: SubscriptionStatus): SubscriptionEvent[] {
  const actions = ['pause', 'resume', 'cancel'] as const;
  return actions.filter((action) => subscriptionTransitions[status][action]);
}
