import {
  advanceSubscription,
  cancelSubscription,
  changeMethod,
  chargeDate,
  countPeriods,
  createSubscription,
  downPaymentRefunded,
  pauseSubscription,
  resumeSubscription,
} from './subscription.ts';
import {
  moveSubscription,
  subscriptionEvents,
  subscriptionStatuses,
  subscriptionTransitions,
} from './subscription-status.ts';
import type { NewSubscription, Subscription, SubscriptionDecision, SubscriptionInterval } from './subscription.ts';

const given: NewSubscription = {
  ...{ tenantId: 'tenant', id: 'id', linkId: 'link', status: 'active', amountMinor: 75_000n, currency: 'USD' },
  ...{ interval: 'monthly', count: 10, anchorOn: '2025-01-31', nextIndex: 1, timeZone: 'America/New_York' },
  ...{ policyId: 'policy', carrierId: 'carrier', employerId: 'employer', customer: {}, paymentMethodId: null },
  createdAt: new Date(0),
};
const { next: subscription } = createSubscription(given);
const inStatus = (status: Subscription['status'], more: Partial<Subscription> = {}) => ({
  ...subscription,
  status,
  ...more,
});
const said = ({ facts }: SubscriptionDecision) => facts.map((fact) => [fact.type, fact.subscription.version]);

describe('chargeDate', () => {
  it.each<[string, SubscriptionInterval, string[]]>([
    ['2025-01-31', 'monthly', ['2025-02-28', '2025-03-31', '2025-04-30']],
    ['2024-01-31', 'monthly', ['2024-02-29', '2024-03-31', '2024-04-30']],
    ['2025-11-30', 'quarterly', ['2026-02-28', '2026-05-30', '2026-08-30']],
    ['2025-01-01', 'monthly', ['2025-02-01', '2025-03-01', '2025-04-01']],
  ])('from %s, %s', (anchor, interval, dates) => {
    expect([1, 2, 3].map((index) => chargeDate(anchor, interval, index))).toEqual(dates);
  });
});

describe('the machine', () => {
  const pairs = subscriptionStatuses.flatMap((status) => subscriptionEvents.map((event) => [status, event] as const));

  it.each(pairs)('%s, %s', (status, event) => {
    const next = subscriptionTransitions[status][event];
    const move = () => moveSubscription(status, event);
    if (next) expect(move()).toBe(next);
    else expect(move).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('has these moves and no others', () => {
    const moves = pairs.flatMap(([status, event]) => {
      const next = subscriptionTransitions[status][event];
      return next ? [`${status} → ${next}`] : [];
    });
    expect(moves).toEqual([
      ...['incomplete → active', 'incomplete → cancelled'],
      ...['active → past_due', 'active → paused', 'active → cancelled', 'active → completed'],
      ...['past_due → active', 'past_due → paused', 'past_due → cancelled'],
      ...['paused → active', 'paused → cancelled', 'completed → past_due'],
    ]);
  });
});

it('S-12: begins one interval after the link was paid, by the date there', () => {
  expect(subscription).toMatchObject({ nextChargeOn: '2025-02-28', version: 1, billedCount: 0, collectedCount: 0 });
  expect(subscription.nextChargeAt).toEqual(new Date('2025-02-28T05:00:00Z'));
  expect(said(createSubscription(given))).toEqual([['created', 1]]);
});

it('without a down payment begins at once', () => {
  const { next } = createSubscription({ ...given, status: 'incomplete', count: null, nextIndex: 0 });
  expect(next).toMatchObject({ nextChargeOn: '2025-01-31', status: 'incomplete' });
  expect(advanceSubscription(next)).toMatchObject({ nextChargeOn: '2025-02-28', billedCount: 1, version: 2 });
});

it('has no date once every period is billed', () => {
  const last = { ...subscription, billedCount: 9, nextIndex: 10 };
  expect(advanceSubscription(last)).toMatchObject({ nextChargeOn: null, nextChargeAt: null, billedCount: 10 });
});

describe('what follows of its counts', () => {
  it('is activated by its first payment', () => {
    const decided = countPeriods(inStatus('incomplete', { count: null }), { collected: 1, arrears: 0 });
    expect(said(decided)).toEqual([['activated', 2]]);
    expect(decided.next).toMatchObject({ status: 'active', collectedCount: 1 });
  });

  it('is past due while a period is, and recovers with the last of them', () => {
    const late = countPeriods(subscription, { collected: 0, arrears: 2 });
    expect(said(late)).toEqual([['past_due', 2]]);
    expect(said(countPeriods(late.next, { collected: 1, arrears: -1 }))).toEqual([]);
    expect(said(countPeriods(late.next, { collected: 2, arrears: -2 }))).toEqual([['recovered', 3]]);
  });

  it('is completed by its last payment, but not while one is in arrears', () => {
    const last = inStatus('active', { collectedCount: 9, billedCount: 10 });
    const done = countPeriods(last, { collected: 1, arrears: 0 });
    expect(said(done)).toEqual([['completed', 2]]);
    expect(done.next.nextChargeOn).toBeNull();
    const failed = countPeriods(last, { collected: 0, arrears: 1 });
    expect(failed.next.status).toBe('past_due');
    expect(said(countPeriods(failed.next, { collected: 1, arrears: -1 }))).toEqual([
      ['recovered', 3],
      ['completed', 4],
    ]);
  });

  it('is past due again when money of it goes back after its end', () => {
    const done = inStatus('completed', { collectedCount: 10, billedCount: 10 });
    expect(said(countPeriods(done, { collected: -1, arrears: 1 }))).toEqual([['past_due', 2]]);
  });

  it.each(['cancelled', 'paused'] as const)('is %s whatever comes', (status) => {
    const decided = countPeriods(inStatus(status), { collected: 1, arrears: 1 });
    expect(decided).toMatchObject({ facts: [], next: { status, collectedCount: 1, arrearsCount: 1, version: 1 } });
  });
});

describe('a pause', () => {
  it('charges nothing, and skips what it lasted', () => {
    const paused = pauseSubscription(subscription);
    expect(said(paused)).toEqual([['paused', 2]]);
    expect(paused.next).toMatchObject({ nextChargeOn: null, nextChargeAt: null });
    const resumed = resumeSubscription(paused.next, '2025-05-01');
    expect(said(resumed)).toEqual([['resumed', 3]]);
    expect(resumed.next).toMatchObject({ status: 'active', nextChargeOn: '2025-05-31', nextIndex: 4, billedCount: 0 });
  });

  it('of a day skips nothing', () => {
    expect(resumeSubscription(pauseSubscription(subscription).next, '2025-02-28').next.nextChargeOn).toBe('2025-02-28');
  });

  it('ends in arrears where it began in them', () => {
    const late = countPeriods(subscription, { collected: 0, arrears: 1 }).next;
    const resumed = resumeSubscription(pauseSubscription(late).next, '2025-02-01');
    expect(said(resumed)).toEqual([
      ['resumed', 4],
      ['past_due', 5],
    ]);
  });
});

describe('a subscription', () => {
  it.each(subscriptionStatuses)('that is %s is cancelled once', (status) => {
    const cancel = () => cancelSubscription(inStatus(status));
    if (status === 'cancelled' || status === 'completed') {
      expect(cancel).toThrow(expect.objectContaining({ code: 'invalid_transition', context: { allowedActions: [] } }));
    } else {
      expect(said(cancel())).toEqual([['cancelled', 2]]);
      expect(cancel().next).toMatchObject({ status: 'cancelled', nextChargeOn: null });
    }
  });

  it.each(subscriptionStatuses)('that is %s takes another method, unless it has ended', (status) => {
    const change = () => changeMethod(inStatus(status), 'another');
    if (status === 'cancelled' || status === 'completed') {
      expect(change).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
    } else {
      expect(change()).toMatchObject({ next: { paymentMethodId: 'another', version: 1 }, facts: [] });
    }
  });

  it('tells what a person may do instead', () => {
    expect(() => resumeSubscription(subscription, '2025-02-01')).toThrow(
      expect.objectContaining({ context: { allowedActions: ['pause', 'cancel'] } }),
    );
  });

  it('S-102: whose down payment was refunded is cancelled, unless more was collected, or by the setting', () => {
    expect(downPaymentRefunded(subscription, 'cancel_unless_collected').next).toMatchObject({ status: 'cancelled' });
    const review = { status: 'active', reviewReason: 'down_payment_refunded', version: 1 };
    const collected = { ...subscription, collectedCount: 1 };
    expect(downPaymentRefunded(collected, 'cancel_unless_collected')).toMatchObject({ next: review, facts: [] });
    expect(downPaymentRefunded(subscription, 'review').next).toMatchObject(review);
  });

  it.each(['cancelled', 'completed'] as const)('that is %s stays so', (status) => {
    const ended = inStatus(status, { nextChargeOn: null });
    expect(downPaymentRefunded(ended, 'cancel_unless_collected')).toEqual({ next: ended, facts: [] });
  });
});
