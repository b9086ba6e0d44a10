import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { Ask } from '../domain/collection.ts';

export type InstalmentDue = QuittanceEvent<'instalment.due'> | QuittanceEvent<'instalment.collection_due'>;
export type SubscriptionDue = QuittanceEvent<'subscription.due'>;
/** Billing's words for: this money is to be collected now. */
export type DueEvent = InstalmentDue | SubscriptionDue;

/**
 * Whether a stored method is to be charged, and there is something to charge it with. Where another date than the due
 * date was agreed, `instalment.collection_due` starts the charge on that date.
 */
export function isCharged({ type, data }: DueEvent): boolean {
  if (type === 'instalment.due' && data.autopayOn !== undefined) return false;
  return data.collection === 'automatic' && data.balance.amountMinor > 0;
}

/** Whether the customer is asked: there is no method to charge, or none that can still be charged. */
export function isAskedByLink({ data }: SubscriptionDue): boolean {
  return data.collection === 'invoice' && data.balance.amountMinor > 0;
}

/** Whether it is asked for again, on another date than the one it was due on. */
export function isRetry(event: DueEvent): boolean {
  return event.type === 'subscription.due' ? event.data.attempt > 1 : event.type === 'instalment.collection_due';
}

/** What is asked for: an instalment, or a period of a subscription, whose id is its own and not the subscription's. */
export function askOf(event: DueEvent): Omit<Ask, 'businessOn'> {
  const { tenantid: tenantId, data } = event;
  const { minor: amountMinor, currency } = fromWire(data.balance);
  const { policyLocator, policyholderLocator, invoiceLocator, attempt: sourceAttempt } = data;
  const owed = { tenantId, amountMinor, currency, policyLocator, policyholderLocator, invoiceLocator, sourceAttempt };
  return event.type === 'subscription.due'
    ? { ...owed, sourceType: 'subscription', sourceId: event.data.periodId }
    : { ...owed, sourceType: 'instalment', sourceId: event.data.instalmentId };
}
