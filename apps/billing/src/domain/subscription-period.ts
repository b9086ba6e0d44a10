import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';
import { nextAttempt } from './retry.ts';
import { advanceSubscription, chargeDate, countPeriods, hasEnded } from './subscription.ts';
import type { Subscription, SubscriptionDecision } from './subscription.ts';
import { pastDueAt, startOfDay } from './zone.ts';

export const periodStates = ['requested', 'waiting', 'invoiced', 'overdue', 'collected', 'voided'] as const;
export type PeriodState = (typeof periodStates)[number];

export const periodEvents = ['wait', 'ask_again', 'give_up', 'collect', 'write_off', 'reopen', 'void'] as const;
export type PeriodEvent = (typeof periodEvents)[number];

/**
 * `requested`: payments was asked to charge the method; `waiting`: it failed and is tried again; `invoiced`: the
 * customer is asked by a link; `overdue`: nothing is tried any more, it is owed; `voided`: nobody owes it, because it
 * never began, or because it was written off; what comes of a charge on its way changes nothing of that.
 */
export const periodTransitions: Record<PeriodState, Partial<Record<PeriodEvent, PeriodState>>> = {
  requested: { wait: 'waiting', give_up: 'overdue', collect: 'collected', write_off: 'voided' },
  waiting: { ask_again: 'requested', give_up: 'overdue', collect: 'collected', write_off: 'voided' },
  invoiced: { give_up: 'overdue', collect: 'collected', write_off: 'voided', void: 'voided' },
  overdue: { collect: 'collected', write_off: 'voided', void: 'voided' },
  collected: { reopen: 'overdue' },
  voided: { reopen: 'overdue' },
};

/** One period of a subscription: the debt is its invoice's, this is how it is collected. */
export interface SubscriptionPeriod {
  readonly tenantId: string;
  readonly id: string;
  readonly subscriptionId: string;
  readonly number: number;
  /** Half-open, and due when it begins. */
  readonly startsOn: CalendarDate;
  readonly endsOn: CalendarDate;
  readonly invoiceId: string;
  readonly state: PeriodState;
  /** The latest attempt that was asked for. */
  readonly attempt: number;
  /** When attempt 1 was asked for. */
  readonly firstOn: CalendarDate;
  /** When something is to be done by itself: the next attempt, or the end of the time that the customer has. */
  readonly nextStepAt: Date | null;
  readonly failureCode: string | null;
}

/** @throws DomainError `invalid_transition` */
export function movePeriod(state: PeriodState, event: PeriodEvent): PeriodState {
  const next = periodTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `A period that is ${state} cannot ${event}.`, { allowedActions: [] });
  }
  return next;
}

/** Whether it was not paid when it should have been; a retry under way does not change that. */
export function isInArrears({ state, attempt }: Pick<SubscriptionPeriod, 'state' | 'attempt'>): boolean {
  return state === 'waiting' || state === 'overdue' || (state === 'requested' && attempt > 1);
}

export interface PeriodDecision extends SubscriptionDecision {
  readonly period: SubscriptionPeriod;
}

/** The next period of a subscription that is to be charged, billed on `today`, which may be later than its date. */
export function billPeriod(
  subscription: Subscription,
  ids: Pick<SubscriptionPeriod, 'id' | 'invoiceId'>,
  today: CalendarDate,
): { readonly next: Subscription; readonly period: SubscriptionPeriod } {
  const { tenantId, id: subscriptionId, anchorOn, interval, nextIndex, nextChargeOn, timeZone } = subscription;
  if (nextChargeOn === null) throw new Error(`subscription ${subscriptionId} has nothing to charge`);
  const isCharged = subscription.paymentMethodId !== null;
  // Whoever hears of it late has the whole of today, too.
  const payBy = nextChargeOn < today ? today : nextChargeOn;
  const period: SubscriptionPeriod = {
    ...{ tenantId, subscriptionId, ...ids, number: subscription.billedCount + 1 },
    ...{ startsOn: nextChargeOn, endsOn: chargeDate(anchorOn, interval, nextIndex + 1) },
    ...{ state: isCharged ? 'requested' : 'invoiced', attempt: 1, firstOn: today, failureCode: null },
    nextStepAt: isCharged ? null : pastDueAt(payBy, timeZone),
  };
  return { next: advanceSubscription(subscription), period };
}

export interface PeriodFailure {
  readonly isRetryable: boolean;
  readonly code: string | null;
  readonly failedOn: CalendarDate;
}

/** Its attempt failed: the next one gets a date, unless there is none or the subscription is over. */
export function failPeriod(
  subscription: Subscription,
  period: SubscriptionPeriod,
  { isRetryable, code, failedOn }: PeriodFailure,
): PeriodDecision {
  const { attempt, firstOn } = period;
  const retry = isRetryable && !hasEnded(subscription) ? nextAttempt({ attempt, firstOn, failedOn }) : null;
  const failed = { ...period, failureCode: code };
  if (retry === null) return follow(subscription, period, { ...put(failed, 'give_up'), nextStepAt: null });
  return follow(subscription, period, {
    ...put(failed, 'wait'),
    nextStepAt: startOfDay(retry.on, subscription.timeZone),
  });
}

/** The date of a retry has come: one version more, for the event that asks for it. */
export function retryPeriod(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  const again = { ...put(period, 'ask_again'), attempt: period.attempt + 1, nextStepAt: null };
  const decided = follow(subscription, period, again);
  return { ...decided, next: { ...decided.next, version: decided.next.version + 1 } };
}

/** No method pays it any more: the customer is asked. One version, for the event that asks. */
export function askCustomer(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  const next = { ...subscription, version: subscription.version + 1 };
  return { next, facts: [], period: { ...period, attempt: period.attempt + 1 } };
}

/** Its time is over, or nobody is to try any more. */
export function giveUpPeriod(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  return follow(subscription, period, { ...put(period, 'give_up'), nextStepAt: null });
}

/** Its invoice is paid in full, by whatever way. */
export function collectPeriod(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  return follow(subscription, period, { ...put(period, 'collect'), nextStepAt: null });
}

/** Its subscription was never paid and has come to nothing: what nobody has paid on is not owed. */
export function voidPeriod(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  return follow(subscription, period, { ...put(period, 'void'), nextStepAt: null });
}

/** Nobody is asked for it any more: it is tried no more, and is in nobody's arrears. */
export function writeOffPeriod(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  return follow(subscription, period, { ...put(period, 'write_off'), nextStepAt: null });
}

/** Money of it went back, or its write-off was taken back: it is owed again, and nobody tries by himself. */
export function reopenPeriod(subscription: Subscription, period: SubscriptionPeriod): PeriodDecision {
  return follow(subscription, period, put(period, 'reopen'));
}

function put(period: SubscriptionPeriod, event: PeriodEvent): SubscriptionPeriod {
  return { ...period, state: movePeriod(period.state, event) };
}

function follow(subscription: Subscription, before: SubscriptionPeriod, period: SubscriptionPeriod): PeriodDecision {
  const collected = Number(period.state === 'collected') - Number(before.state === 'collected');
  const arrears = Number(isInArrears(period)) - Number(isInArrears(before));
  return { ...countPeriods(subscription, { collected, arrears }), period };
}
