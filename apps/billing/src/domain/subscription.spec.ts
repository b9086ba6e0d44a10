import { cancelSubscription, chargeDate, downPaymentRefunded, subscriptionStatuses } from './subscription.ts';
import type { Subscription, SubscriptionInterval } from './subscription.ts';

const subscription: Subscription = {
  ...{ tenantId: 'tenant', id: 'id', linkId: 'link', status: 'active', amountMinor: 75_000n, currency: 'USD' },
  ...{ interval: 'monthly', count: 10, collectedCount: 0, anchorOn: '2025-01-31', nextChargeOn: '2025-02-28' },
  ...{ policyId: 'policy', carrierId: 'carrier', employerId: 'employer', paymentMethodId: null, reviewReason: null },
  ...{ version: 1, createdAt: new Date(0) },
};

describe('chargeDate', () => {
  it.each<[string, SubscriptionInterval, string[]]>([
    ['2025-01-31', 'monthly', ['2025-02-28', '2025-03-31', '2025-04-30']],
    ['2024-01-31', 'monthly', ['2024-02-29', '2024-03-31', '2024-04-30']],
    ['2025-11-30', 'quarterly', ['2026-02-28', '2026-05-30', '2026-08-30']],
    ['2025-01-01', 'monthly', ['2025-02-01', '2025-03-01', '2025-04-01']],
  ])('from %s, %s', (anchor, interval, dates) => {
    expect([1, 2, 3].map((period) => chargeDate(anchor, interval, period))).toEqual(dates);
  });
});

describe('a subscription', () => {
  it.each(subscriptionStatuses)('that is %s is cancelled once', (status) => {
    const cancel = () => cancelSubscription({ ...subscription, status });
    if (status === 'cancelled' || status === 'completed') {
      expect(cancel).toThrow(expect.objectContaining({ code: 'invalid_transition', context: { allowedActions: [] } }));
    } else {
      expect(cancel()).toMatchObject({ status: 'cancelled', nextChargeOn: null, version: 2 });
    }
  });

  it('S-102: whose down payment was refunded is cancelled, unless more was collected, or by the setting', () => {
    expect(downPaymentRefunded(subscription, 'cancel_unless_collected')).toMatchObject({ status: 'cancelled' });
    const review = { status: 'active', reviewReason: 'down_payment_refunded', version: 1 };
    const collected = { ...subscription, collectedCount: 1 };
    expect(downPaymentRefunded(collected, 'cancel_unless_collected')).toMatchObject(review);
    expect(downPaymentRefunded(subscription, 'review')).toMatchObject(review);
  });

  it.each(['cancelled', 'completed'] as const)('that is %s stays so', (status) => {
    const ended = { ...subscription, status, nextChargeOn: null };
    expect(downPaymentRefunded(ended, 'cancel_unless_collected')).toBe(ended);
  });
});
