import { sampleEvent } from '@quittance/events/samples';
import { askOf, isAskedByLink, isCharged, isRetry } from './due-event.ts';
import type { SubscriptionDue } from './due-event.ts';

const instalment = sampleEvent('instalment.due');
const subscription = sampleEvent('subscription.due');
const period = (said: Partial<SubscriptionDue['data']>): SubscriptionDue => ({
  ...subscription,
  data: { ...subscription.data, ...said },
});
const nothing = { amount: '0.00', amountMinor: 0, currency: 'USD' };

it('asks for what is open of an instalment, or of a period by the id of its own', () => {
  expect(askOf(instalment)).toMatchObject({
    ...{ sourceType: 'instalment', sourceId: instalment.data.instalmentId, sourceAttempt: 1, amountMinor: 2567n },
  });
  expect(askOf(period({ attempt: 2 }))).toEqual({
    ...{ tenantId: subscription.tenantid, sourceType: 'subscription', sourceId: subscription.data.periodId },
    ...{ sourceAttempt: 2, amountMinor: 75000n, currency: 'USD', invoiceLocator: subscription.data.invoiceLocator },
    policyLocator: subscription.data.policyId,
    policyholderLocator: subscription.data.employerId,
  });
});

it('knows a retry', () => {
  const events = [instalment, sampleEvent('instalment.collection_due'), period({}), period({ attempt: 2 })];
  expect(events.map(isRetry)).toEqual([false, true, false, true]);
});

it('charges a stored method, asks the customer where there is none, and neither for nothing', () => {
  const all = [period({}), period({ collection: 'invoice' }), period({ balance: nothing })];
  expect(all.map((event) => [isCharged(event), isAskedByLink(event)])).toEqual([
    ...[[true, false]],
    ...[[false, true]],
    ...[[false, false]],
  ]);
  expect(isAskedByLink(period({ collection: 'invoice', balance: nothing }))).toBe(false);
});
