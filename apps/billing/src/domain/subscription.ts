import { addMonths } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';
import { moveSubscription } from './subscription-status.ts';
import type { SubscriptionEvent, SubscriptionStatus } from './subscription-status.ts';
import { startOfDay } from './zone.ts';

export const subscriptionIntervals = ['monthly', 'quarterly'] as const;
export type SubscriptionInterval = (typeof subscriptionIntervals)[number];

/** What becomes of a subscription whose down payment was given back as a whole. */
export const refundedDownPaymentRules = ['cancel_unless_collected', 'review'] as const;
export type RefundedDownPaymentRule = (typeof refundedDownPaymentRules)[number];

/** Who pays, for a mailer: never in an event or a log. */
export interface Customer {
  readonly name?: string;
  readonly email?: string;
}

export interface Subscription {
  readonly tenantId: string;
  readonly id: string;
  /** The payment link whose down payment started it. */
  readonly linkId: string | null;
  readonly status: SubscriptionStatus;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly interval: SubscriptionInterval;
  /** How many periods in all; null has no end. */
  readonly count: number | null;
  readonly billedCount: number;
  readonly collectedCount: number;
  /** Periods that failed, or were not paid in time, and are not paid yet. */
  readonly arrearsCount: number;
  readonly anchorOn: CalendarDate;
  /** How many intervals after the anchor the next period begins; a pause skips some. */
  readonly nextIndex: number;
  /** Null while nothing will be charged: paused, ended, or every period is billed. */
  readonly nextChargeOn: CalendarDate | null;
  /** The first instant of that date in its zone. */
  readonly nextChargeAt: Date | null;
  readonly timeZone: string;
  readonly policyId: string;
  readonly carrierId: string;
  readonly employerId: string;
  readonly customer: Customer;
  readonly paymentMethodId: string | null;
  /** Why a person has to decide how it goes on; it goes on meanwhile. */
  readonly reviewReason: 'down_payment_refunded' | null;
  readonly version: number;
  readonly createdAt: Date;
}

export interface SubscriptionFilter {
  readonly statuses?: readonly SubscriptionStatus[] | undefined;
  readonly carrierId?: string | undefined;
  readonly employerId?: string | undefined;
  readonly policyId?: string | undefined;
}

export type SubscriptionFactType =
  'created' | 'activated' | 'past_due' | 'recovered' | 'paused' | 'resumed' | 'cancelled' | 'completed';

/** Something that happened, with the subscription as it was right after it. */
export interface SubscriptionFact {
  readonly type: SubscriptionFactType;
  readonly subscription: Subscription;
}

export interface SubscriptionDecision {
  readonly next: Subscription;
  readonly facts: readonly SubscriptionFact[];
}

const factOf: Record<SubscriptionEvent, SubscriptionFactType> = {
  activate: 'activated',
  fail: 'past_due',
  recover: 'recovered',
  pause: 'paused',
  resume: 'resumed',
  cancel: 'cancelled',
  complete: 'completed',
  reopen: 'past_due',
};

const months: Record<SubscriptionInterval, number> = { monthly: 1, quarterly: 3 };

/** The date `index` intervals after the anchor: counted from there, never on from the date before. */
export function chargeDate(anchorOn: CalendarDate, interval: SubscriptionInterval, index: number): CalendarDate {
  return addMonths(anchorOn, months[interval] * index);
}

/** What a caller says of a new one. */
export type SubscriptionInput = Pick<
  Subscription,
  'amountMinor' | 'currency' | 'interval' | 'policyId' | 'carrierId' | 'employerId' | 'customer'
>;

export type NewSubscription = Omit<
  Subscription,
  'billedCount' | 'collectedCount' | 'arrearsCount' | 'nextChargeOn' | 'nextChargeAt' | 'reviewReason' | 'version'
> & { readonly status: 'incomplete' | 'active' };

export function createSubscription(given: NewSubscription): SubscriptionDecision {
  const counts = { billedCount: 0, collectedCount: 0, arrearsCount: 0 };
  const next = dated({ ...given, ...counts, nextChargeOn: null, nextChargeAt: null, reviewReason: null, version: 1 });
  return { next, facts: [{ type: 'created', subscription: next }] };
}

/** @throws DomainError `invalid_transition` for one that has ended or was never paid */
export function pauseSubscription(subscription: Subscription): SubscriptionDecision {
  return moved(subscription, 'pause');
}

/**
 * Goes on with the first date that has not passed: what a pause skipped is never charged.
 * @throws DomainError `invalid_transition` for one that is not paused
 */
export function resumeSubscription(subscription: Subscription, today: CalendarDate): SubscriptionDecision {
  const { anchorOn, interval } = subscription;
  let nextIndex = subscription.nextIndex;
  while (chargeDate(anchorOn, interval, nextIndex) < today) nextIndex += 1;
  return settled(moved({ ...subscription, nextIndex }, 'resume'));
}

/** @throws DomainError `invalid_transition` for one that has ended */
export function cancelSubscription(subscription: Subscription): SubscriptionDecision {
  return moved(subscription, 'cancel');
}

/** One that has ended stays as it is. */
export function downPaymentRefunded(subscription: Subscription, rule: RefundedDownPaymentRule): SubscriptionDecision {
  if (hasEnded(subscription)) return { next: subscription, facts: [] };
  if (rule === 'cancel_unless_collected' && subscription.collectedCount === 0) return cancelSubscription(subscription);
  return { next: { ...subscription, reviewReason: 'down_payment_refunded' }, facts: [] };
}

/**
 * For every charge from the next one on. No event tells of it, so it raises no version.
 * @throws DomainError `invalid_transition` for one that has ended
 */
export function changeMethod(subscription: Subscription, paymentMethodId: string): SubscriptionDecision {
  if (!hasEnded(subscription)) return { next: { ...subscription, paymentMethodId }, facts: [] };
  const detail = `A subscription that is ${subscription.status} charges no method any more.`;
  throw new DomainError('invalid_transition', detail, { allowedActions: [] });
}

export function hasEnded({ status }: Pick<Subscription, 'status'>): boolean {
  return status === 'cancelled' || status === 'completed';
}

/** More or fewer periods are paid, or in arrears, than it knew of: whatever follows of it. */
export function countPeriods(
  subscription: Subscription,
  { collected, arrears }: { readonly collected: number; readonly arrears: number },
): SubscriptionDecision {
  const { collectedCount, arrearsCount } = subscription;
  const next = { ...subscription, collectedCount: collectedCount + collected, arrearsCount: arrearsCount + arrears };
  return settled({ next, facts: [] });
}

/** The next period is billed: one version, for the event that says so. */
export function advanceSubscription(subscription: Subscription): Subscription {
  const { billedCount, nextIndex, version } = subscription;
  return dated({
    ...subscription,
    billedCount: billedCount + 1,
    nextIndex: nextIndex + 1,
    version: version + 1,
  });
}

/** The move that its counts ask for by themselves. */
function moveAskedFor({ status, count, collectedCount, arrearsCount }: Subscription): SubscriptionEvent | null {
  switch (status) {
    case 'incomplete':
      return collectedCount > 0 ? 'activate' : null;
    case 'active':
      if (arrearsCount > 0) return 'fail';
      return collectedCount === count ? 'complete' : null;
    case 'past_due':
      return arrearsCount === 0 ? 'recover' : null;
    case 'completed':
      return collectedCount === count ? null : 'reopen';
    default:
      return null;
  }
}

function settled({ next, facts }: SubscriptionDecision): SubscriptionDecision {
  const event = moveAskedFor(next);
  if (event === null) return { next, facts };
  const then = moved(next, event);
  return settled({ next: then.next, facts: [...facts, ...then.facts] });
}

function moved(subscription: Subscription, event: SubscriptionEvent): SubscriptionDecision {
  const status = moveSubscription(subscription.status, event);
  const next = dated({ ...subscription, status, version: subscription.version + 1 });
  return { next, facts: [{ type: factOf[event], subscription: next }] };
}

function dated(subscription: Subscription): Subscription {
  const { status, count, billedCount, anchorOn, interval, nextIndex, timeZone } = subscription;
  const isCharged = status !== 'paused' && !hasEnded(subscription) && billedCount !== count;
  const nextChargeOn = isCharged ? chargeDate(anchorOn, interval, nextIndex) : null;
  const nextChargeAt = nextChargeOn === null ? null : startOfDay(nextChargeOn, timeZone);
  return { ...subscription, nextChargeOn, nextChargeAt };
}
