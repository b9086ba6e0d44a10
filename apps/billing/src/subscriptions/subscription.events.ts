import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { Subscription, SubscriptionFact } from '../domain/subscription.ts';
import type { SubscriptionPeriod } from '../domain/subscription-period.ts';

export function subscriptionEvent({ type, subscription }: SubscriptionFact, occasion: Occasion): NewEvent {
  const { tenantId, id: subject, version: sequence } = subscription;
  const data = subscriptionData(subscription);
  return { type: `subscription.${type}`, tenantId, subject, sequence, data, ...occasion };
}

/** A period that is to be paid, at the moment when it is asked for. */
export interface DuePeriod {
  /** With the version of this event. */
  readonly subscription: Subscription;
  readonly period: SubscriptionPeriod;
  readonly balanceMinor: bigint;
  /** Of the policy, where that is known here; else whom the subscription names. */
  readonly policyholderLocator: string;
}

export function dueEvent({ subscription, period, ...due }: DuePeriod, occasion: Occasion): NewEvent {
  const { tenantId, id: subject, version: sequence, currency, policyId, paymentMethodId } = subscription;
  const { id: periodId, number, startsOn, endsOn, invoiceId: invoiceLocator, attempt, state } = period;
  const isCharged = state === 'requested' && paymentMethodId !== null;
  const data: EventData<'subscription.due'> = {
    ...subscriptionData(subscription),
    ...{ periodId, number, dueOn: startsOn, periodStart: startsOn, periodEnd: endsOn },
    balance: toWire({ minor: due.balanceMinor, currency }),
    collection: isCharged ? 'automatic' : 'invoice',
    ...{ policyLocator: policyId, policyholderLocator: due.policyholderLocator, invoiceLocator, attempt },
  };
  return { type: 'subscription.due', tenantId, subject, sequence, data, ...occasion };
}

function subscriptionData(subscription: Subscription): EventData<'subscription.created'> {
  const { id, status, amountMinor, currency, interval, count, collectedCount, nextChargeOn } = subscription;
  const { policyId, carrierId, employerId, linkId, paymentMethodId, createdAt } = subscription;
  return {
    ...{ subscriptionId: id, status, amount: toWire({ minor: amountMinor, currency }), interval, collectedCount },
    ...{ policyId, carrierId, employerId, createdTimestamp: createdAt.toISOString() },
    ...(count === null ? {} : { count }),
    ...(nextChargeOn === null ? {} : { nextChargeDate: nextChargeOn }),
    ...(linkId === null ? {} : { linkId }),
    ...(paymentMethodId === null ? {} : { paymentMethodId }),
  };
}
