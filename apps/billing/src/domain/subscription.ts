import { addMonths } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';

export const subscriptionStatuses = ['incomplete', 'active', 'past_due', 'paused', 'cancelled', 'completed'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

export const subscriptionIntervals = ['monthly', 'quarterly'] as const;
export type SubscriptionInterval = (typeof subscriptionIntervals)[number];

/** What becomes of a subscription whose down payment was given back as a whole. */
export const refundedDownPaymentRules = ['cancel_unless_collected', 'review'] as const;
export type RefundedDownPaymentRule = (typeof refundedDownPaymentRules)[number];

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
  readonly collectedCount: number;
  readonly anchorOn: CalendarDate;
  /** Null once nothing will be charged any more. */
  readonly nextChargeOn: CalendarDate | null;
  readonly policyId: string;
  readonly carrierId: string;
  readonly employerId: string;
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

const months: Record<SubscriptionInterval, number> = { monthly: 1, quarterly: 3 };

/** The date of a period's charge, the first of which is one interval after the anchor: counted from there, never on. */
export function chargeDate(anchorOn: CalendarDate, interval: SubscriptionInterval, period: number): CalendarDate {
  return addMonths(anchorOn, months[interval] * period);
}

/** @throws DomainError `invalid_transition` for one that has ended */
export function cancelSubscription(subscription: Subscription): Subscription {
  const { status, version } = subscription;
  if (status === 'cancelled' || status === 'completed') {
    throw new DomainError('invalid_transition', `A subscription that is ${status} cannot be cancelled.`, {
      allowedActions: [],
    });
  }
  return { ...subscription, status: 'cancelled', nextChargeOn: null, version: version + 1 };
}

/** One that has ended stays as it is. */
export function downPaymentRefunded(subscription: Subscription, rule: RefundedDownPaymentRule): Subscription {
  const { status, collectedCount } = subscription;
  if (status === 'cancelled' || status === 'completed') return subscription;
  if (rule === 'cancel_unless_collected' && collectedCount === 0) return cancelSubscription(subscription);
  return { ...subscription, reviewReason: 'down_payment_refunded' };
}
