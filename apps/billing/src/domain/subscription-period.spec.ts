import fc from 'fast-check';
import { createSubscription } from './subscription.ts';
import type { NewSubscription, Subscription } from './subscription.ts';
import {
  billPeriod,
  collectPeriod,
  failPeriod,
  giveUpPeriod,
  isInArrears,
  movePeriod,
  periodEvents,
  periodStates,
  periodTransitions,
  retryPeriod,
  reopenPeriod,
  voidPeriod,
  writeOffPeriod,
} from './subscription-period.ts';
import type { PeriodDecision, SubscriptionPeriod } from './subscription-period.ts';

const given: NewSubscription = {
  ...{ tenantId: 'tenant', id: 'id', linkId: 'link', status: 'active', amountMinor: 75_000n, currency: 'USD' },
  ...{ interval: 'monthly', count: 10, anchorOn: '2025-01-31', nextIndex: 1, timeZone: 'UTC', customer: {} },
  ...{ policyId: 'policy', carrierId: 'carrier', employerId: 'employer', paymentMethodId: 'method' },
  createdAt: new Date(0),
};
const { next: subscription } = createSubscription(given);
const ids = { id: 'period', invoiceId: 'invoice' };
const soft = { isRetryable: true, code: 'insufficient_funds' };
const hard = { isRetryable: false, code: 'stolen_card' };
const typesOf = ({ facts }: PeriodDecision) => facts.map(({ type }) => type);

describe('the machine', () => {
  const pairs = periodStates.flatMap((state) => periodEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    const next = periodTransitions[state][event];
    const move = () => movePeriod(state, event);
    if (next) expect(move()).toBe(next);
    else expect(move).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('has these moves and no others', () => {
    const moves = pairs.flatMap(([state, event]) => {
      const next = periodTransitions[state][event];
      return next ? [`${state} ${event} → ${next}`] : [];
    });
    expect(moves).toEqual([
      ...['requested wait → waiting', 'requested give_up → overdue', 'requested collect → collected'],
      ...['requested write_off → voided', 'waiting ask_again → requested', 'waiting give_up → overdue'],
      ...['waiting collect → collected', 'waiting write_off → voided', 'invoiced give_up → overdue'],
      ...['invoiced collect → collected', 'invoiced write_off → voided', 'invoiced void → voided'],
      ...['overdue collect → collected', 'overdue write_off → voided', 'overdue void → voided'],
      ...['collected reopen → overdue', 'voided reopen → overdue'],
    ]);
  });
});

describe('billing', () => {
  it('S-12: ten periods from the anchor, each its own, none drifting', () => {
    let next: Subscription = subscription;
    const periods = Array.from({ length: 10 }, () => {
      const billed = billPeriod(next, ids, next.nextChargeOn!);
      next = billed.next;
      return billed.period;
    });
    expect(periods.map(({ startsOn }) => startsOn)).toEqual([
      ...['2025-02-28', '2025-03-31', '2025-04-30', '2025-05-31', '2025-06-30'],
      ...['2025-07-31', '2025-08-31', '2025-09-30', '2025-10-31', '2025-11-30'],
    ]);
    expect(periods.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(periods.every(({ endsOn }, index) => endsOn === (periods[index + 1]?.startsOn ?? '2025-12-31'))).toBe(true);
    expect(next).toMatchObject({ nextChargeOn: null, billedCount: 10, version: 11 });
    expect(() => billPeriod(next, ids, '2025-12-31')).toThrow('nothing to charge');
  });

  it('charges a stored method; without one the customer has the whole day, and that of a late notice', () => {
    expect(billPeriod(subscription, ids, '2025-02-28').period).toMatchObject({
      ...{ state: 'requested', attempt: 1, firstOn: '2025-02-28', nextStepAt: null },
    });
    const byLink = { ...subscription, paymentMethodId: null };
    const endOf = (today: string) => billPeriod(byLink, ids, today).period.nextStepAt;
    expect(endOf('2025-02-28')).toEqual(new Date('2025-03-01T00:00:00Z'));
    expect(endOf('2025-03-05')).toEqual(new Date('2025-03-06T00:00:00Z'));
  });
});

describe('a period that fails', () => {
  const { next, period } = billPeriod(subscription, ids, '2025-02-28');

  it('is tried again on D+1, 3, 5 and 7, past due meanwhile, and then it is owed', () => {
    const asked: string[] = [];
    let now = failPeriod(next, period, { ...soft, failedOn: '2025-02-28' });
    expect(typesOf(now)).toEqual(['past_due']);
    while (now.period.nextStepAt) {
      const on = now.period.nextStepAt.toISOString().slice(0, 10);
      asked.push(on);
      const again = retryPeriod(now.next, now.period);
      expect([again.next.status, again.next.version]).toEqual(['past_due', now.next.version + 1]);
      now = failPeriod(again.next, again.period, { ...soft, failedOn: on });
    }
    expect(asked).toEqual(['2025-03-01', '2025-03-03', '2025-03-05', '2025-03-07']);
    expect(now).toMatchObject({ period: { state: 'overdue', attempt: 5 }, next: { arrearsCount: 1 } });
  });

  it('recovers by a retry', () => {
    const failed = failPeriod(next, period, { ...soft, failedOn: '2025-02-28' });
    const again = retryPeriod(failed.next, failed.period);
    const paid = collectPeriod(again.next, again.period);
    expect(typesOf(paid)).toEqual(['recovered']);
    expect(paid.next).toMatchObject({ status: 'active', collectedCount: 1, arrearsCount: 0 });
  });

  it('for good is owed at once', () => {
    const failed = failPeriod(next, period, { ...hard, failedOn: '2025-02-28' });
    expect(failed.period).toMatchObject({ state: 'overdue', nextStepAt: null, failureCode: 'stolen_card' });
  });

  it('is not tried again once its subscription is cancelled', () => {
    const cancelled = { ...next, status: 'cancelled' as const };
    const failed = failPeriod(cancelled, period, { ...soft, failedOn: '2025-02-28' });
    expect(failed).toMatchObject({ period: { state: 'overdue' }, facts: [] });
  });

  it('the last one keeps its subscription past due', () => {
    const last = { ...subscription, collectedCount: 9, billedCount: 9, nextIndex: 10 };
    const billed = billPeriod(last, ids, '2025-11-30');
    const failed = failPeriod(billed.next, billed.period, { ...soft, failedOn: '2025-11-30' });
    expect(failed.next.status).toBe('past_due');
    expect(typesOf(collectPeriod(failed.next, failed.period))).toEqual(['recovered', 'completed']);
  });
});

it('of a subscription that has come to nothing is owed no more', () => {
  const byLink = { ...subscription, status: 'incomplete' as const, paymentMethodId: null };
  const { next, period } = billPeriod(byLink, ids, '2025-02-28');
  const late = giveUpPeriod(next, period);
  expect(late.next).toMatchObject({ status: 'incomplete', arrearsCount: 1 });
  const none = voidPeriod({ ...late.next, status: 'cancelled' }, late.period);
  expect(none).toMatchObject({ facts: [], next: { arrearsCount: 0 }, period: { state: 'voided', nextStepAt: null } });
});

it('that is written off is tried no more and in no arrears, and is owed again when that is taken back', () => {
  const { next, period } = billPeriod(subscription, ids, '2025-02-28');
  const failed = failPeriod(next, period, { ...soft, failedOn: '2025-02-28' });
  const gone = writeOffPeriod(failed.next, failed.period);
  expect(gone.period).toMatchObject({ state: 'voided', nextStepAt: null });
  expect([gone.next.status, gone.next.arrearsCount, typesOf(gone)]).toEqual(['active', 0, ['recovered']]);
  const again = reopenPeriod(gone.next, gone.period);
  expect(again.period).toMatchObject({ state: 'overdue', nextStepAt: null });
  expect([again.next.status, again.next.arrearsCount, typesOf(again)]).toEqual(['past_due', 1, ['past_due']]);
});

it('whose money went back is owed again, and nobody tries by himself', () => {
  const { next, period } = billPeriod(subscription, ids, '2025-02-28');
  const paid = collectPeriod(next, period);
  const back = reopenPeriod(paid.next, paid.period);
  expect(back.period).toMatchObject({ state: 'overdue', nextStepAt: null });
  expect(back.next).toMatchObject({ status: 'past_due', collectedCount: 0, arrearsCount: 1 });
});

describe('whatever happens to its periods', () => {
  const steps = ['bill', 'fail', 'fail for good', 'retry', 'give up', 'collect', 'write off', 'reopen'] as const;
  const history = fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat(3)), { maxLength: 60 });

  function play(moves: readonly (readonly [(typeof steps)[number], number])[]) {
    let now: Subscription = createSubscription({ ...given, count: 4 }).next;
    const periods: SubscriptionPeriod[] = [];
    let said = 1;
    const take = (index: number, { next, period, facts }: PeriodDecision, others = 0) => {
      [now, periods[index]] = [next, period];
      said += facts.length + others;
    };
    for (const [step, index] of moves) {
      if (step === 'bill' && now.nextChargeOn !== null) {
        const { next, period } = billPeriod(now, { ...ids, id: `${periods.length}` }, now.nextChargeOn);
        now = next;
        periods.push(period);
        said += 1;
      }
      const period = periods[index];
      if (!period) continue;
      const may = periodTransitions[period.state];
      if (step === 'fail' && may.wait) take(index, failPeriod(now, period, { ...soft, failedOn: period.firstOn }));
      if (step === 'fail for good' && may.wait) {
        take(index, failPeriod(now, period, { ...hard, failedOn: period.firstOn }));
      }
      if (step === 'retry' && may.ask_again) take(index, retryPeriod(now, period), 1);
      if (step === 'give up' && may.give_up) take(index, giveUpPeriod(now, period));
      if (step === 'collect' && may.collect) take(index, collectPeriod(now, period));
      if (step === 'write off' && may.write_off) take(index, writeOffPeriod(now, period));
      if (step === 'reopen' && may.reopen) take(index, reopenPeriod(now, period));
    }
    return { now, periods, said };
  }

  it('its counts are theirs, it is completed when all are paid, and each event is one version', () => {
    fc.assert(
      fc.property(history, (moves) => {
        const { now, periods, said } = play(moves);
        const collected = periods.filter(({ state }) => state === 'collected').length;
        const arrears = periods.filter(isInArrears).length;
        expect(now).toMatchObject({ collectedCount: collected, arrearsCount: arrears, billedCount: periods.length });
        expect(now.version).toBe(said);
        expect(now.status).toBe(collected === 4 ? 'completed' : arrears > 0 ? 'past_due' : 'active');
      }),
    );
  });
});
