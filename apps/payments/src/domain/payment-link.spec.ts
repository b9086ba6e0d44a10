import { DomainError } from './errors.ts';
import {
  allowedLinkActions,
  assertPaid,
  cancelLink,
  createLink,
  expireLink,
  followPayment,
  followRefund,
  isMethodStored,
  isPayable,
  linkEvents,
  linkStatuses,
  linkTransitions,
  viewLink,
} from './payment-link.ts';
import type { LinkDecision, LinkEvent, LinkStatus, NewLink, PaymentLink } from './payment-link.ts';
import { createPayment } from './payment.ts';
import type { FactType, Payment } from './payment.ts';

const now = new Date('2025-01-01T12:00:00Z');
const expiresAt = new Date('2025-01-31T12:00:00Z');
const late = new Date('2025-02-01T12:00:00Z');
const tenantId = '11111111-1111-4111-8111-111111111111';
const linkId = '22222222-2222-4222-8222-222222222222';

const given: NewLink = {
  ...{ tenantId, id: linkId, keyId: 'k', paymentType: 'down_payment', amountMinor: 150000n, currency: 'USD' },
  ...{ policyId: 'p', carrierId: 'c', employerId: 'e', customer: {}, metadata: {} },
  ...{ invoiceLocator: null, payeeName: null, dueOn: null, expiresAt, plan: null },
};

function payment(id: string, changes: Partial<Payment> = {}): Payment {
  const input = {
    tenantId,
    id,
    displayId: id,
    amountMinor: 150000n,
    currency: 'USD',
    channel: 'link',
    linkId,
  } as const;
  return { ...createPayment({ ...input, now }, 'ready').next, ...changes };
}

/** A link in that state, by the shortest way that leads there. */
function linkIn(status: LinkStatus, plan: NewLink['plan'] = null): PaymentLink {
  const active = createLink({ ...given, plan }, now).next;
  const started = () => followPayment(active, { type: 'processing', payment: payment('1') }, now)!.next;
  const completed = () => followPayment(started(), { type: 'posted', payment: payment('1') }, now)!.next;
  switch (status) {
    case 'active':
      return active;
    case 'processing':
      return started();
    case 'completed':
      return completed();
    case 'expired':
      return expireLink(active, now).next;
    case 'cancelled':
      return cancelLink(active, now).next;
    case 'partially_refunded':
      return followRefund(completed(), 50000n, now)!.next;
    case 'refunded':
      return followRefund(completed(), 150000n, now)!.next;
  }
}

const said = ({ facts }: LinkDecision) => facts.map(({ type, link }) => [type, link.version]);

/** Each move of the machine as somebody causes it, on a link in any state. */
const causes: Readonly<Record<LinkEvent, (link: PaymentLink) => LinkDecision | null>> = {
  start: (link) => followPayment(link, { type: 'processing', payment: payment('2') }, now),
  complete: (link) => followPayment(link, { type: 'posted', payment: payment('1') }, now),
  fail: (link) => followPayment(link, { type: 'declined', payment: payment('1') }, now),
  fail_late: (link) => followPayment(link, { type: 'declined', payment: payment('1') }, late),
  expire: (link) => expireLink(link, now),
  cancel: (link) => cancelLink(link, now),
  refund_part: (link) => followRefund(link, 100000n, now),
  refund_whole: (link) => followRefund(link, 150000n, now),
};

/** What a payment says and the link does not take up is no fault of the payment: those are quiet, the others refuse. */
const quiet: ReadonlySet<LinkEvent> = new Set(['complete', 'fail', 'fail_late']);

describe('every event in every state', () => {
  const pairs = linkStatuses.flatMap((status) => linkEvents.map((event) => [status, event] as const));

  it.each(pairs)('%s, %s', (status, event) => {
    const link = linkIn(status);
    const target = linkTransitions[status][event];
    const cause = () => causes[event](link);
    if (status === 'refunded' && event.startsWith('refund_')) expect(cause()).toBeNull();
    else if (target !== undefined) expect(cause()?.next).toMatchObject({ status: target, version: link.version + 1 });
    else if (quiet.has(event)) expect(cause()).toBeNull();
    else expect(cause).toThrow(DomainError);
  });

  it('is allowed where domain and documents say so, and nowhere else', () => {
    const allowed = Object.entries(linkTransitions).map(([from, to]) => [from, [...new Set(Object.values(to))].sort()]);
    expect(Object.fromEntries(allowed)).toEqual({
      active: ['cancelled', 'completed', 'expired', 'processing'],
      processing: ['active', 'completed', 'expired'],
      completed: ['partially_refunded', 'refunded'],
      partially_refunded: ['partially_refunded', 'refunded'],
      ...{ refunded: [], expired: [], cancelled: [] },
    });
  });
});

describe('what a link says', () => {
  it('is one fact for each change', () => {
    expect(said(createLink(given, now))).toEqual([['created', 1]]);
    expect(said(cancelLink(linkIn('active'), now))).toEqual([['cancelled', 2]]);
    expect(said(expireLink(linkIn('active'), now))).toEqual([['expired', 2]]);
    expect(said(causes.start(linkIn('active'))!)).toEqual([['processing', 2]]);
    expect(said(causes.fail(linkIn('processing'))!)).toEqual([['reopened', 3]]);
    expect(said(causes.fail_late(linkIn('processing'))!)).toEqual([['expired', 3]]);
    expect(said(causes.complete(linkIn('processing'))!)).toEqual([['completed', 3]]);
    expect(said(causes.refund_part(linkIn('completed'))!)).toEqual([['partially_refunded', 4]]);
    expect(said(causes.refund_whole(linkIn('partially_refunded'))!)).toEqual([['refunded', 5]]);
  });

  it('is viewed once', () => {
    const first = viewLink(linkIn('active'), now)!;
    expect(said(first)).toEqual([['viewed', 2]]);
    expect(viewLink(first.next, now)).toBeNull();
  });

  it('is nothing about what does not concern it', () => {
    const others: FactType[] = ['created', 'failed', 'flagged', 'action_required', 'returned', 'reversed', 'settled'];
    for (const type of others) {
      expect(followPayment(linkIn('processing'), { type, payment: payment('1') }, now)).toBeNull();
    }
  });
});

describe('money', () => {
  it('of a payment that was begun in time is taken after the time, too', () => {
    const decision = followPayment(linkIn('processing'), { type: 'posted', payment: payment('1') }, late);
    expect(decision?.next).toMatchObject({ status: 'completed', paymentId: '1', completedAt: late });
  });

  it('of a payment that had failed completes a link that waits', () => {
    const open = causes.fail(linkIn('processing'))!.next;
    const decision = followPayment(open, { type: 'posted', payment: payment('9', { toSuspense: true }) }, now);
    expect(decision?.next).toMatchObject({ status: 'completed', paymentId: '9' });
  });

  it.each(['completed', 'expired', 'cancelled', 'refunded', 'processing'] as const)(
    'of another payment does not change a link that is %s',
    (status) => {
      expect(followPayment(linkIn(status), { type: 'posted', payment: payment('9') }, now)).toBeNull();
    },
  );

  it('with a plan goes with the method that is charged from then on', () => {
    const plan = { count: 10, interval: 'monthly', perInstallmentMinor: 75000n } as const;
    const method = '33333333-3333-4333-8333-333333333333';
    const posted = payment('1', { paymentMethodId: method });
    const complete = (link: PaymentLink) => followPayment(link, { type: 'posted', payment: posted }, now)?.next;
    expect(complete(linkIn('processing', plan))).toMatchObject({ paymentMethodId: method, planCount: 10 });
    expect(complete(linkIn('processing'))).toMatchObject({ paymentMethodId: null });
  });

  it('given back in parts adds up: 1,500.00, of which 500.00, then 1,000.00', () => {
    const partly = followRefund(linkIn('completed'), 50000n, now)!.next;
    expect(partly).toMatchObject({ status: 'partially_refunded', amountRefundedMinor: 50000n });
    expect(followRefund(partly, 50000n, now)).toBeNull();
    expect(followRefund(partly, 150000n, now)!.next).toMatchObject({
      status: 'refunded',
      amountRefundedMinor: 150000n,
    });
  });
});

it('is payable while it is active, up to the instant of its expiry', () => {
  expect(isPayable(linkIn('active'), new Date(expiresAt.getTime() - 1))).toBe(true);
  expect(isPayable(linkIn('active'), expiresAt)).toBe(false);
  const others = linkStatuses.filter((status) => status !== 'active');
  expect(others.filter((status) => isPayable(linkIn(status), now))).toEqual([]);
});

it('tells what may be asked of it', () => {
  const actions = Object.fromEntries(linkStatuses.map((status) => [status, allowedLinkActions({ status })]));
  expect(actions).toEqual({
    ...{ active: ['cancel'], processing: [], completed: ['refund'], partially_refunded: ['refund'] },
    ...{ refunded: [], expired: [], cancelled: [] },
  });
  const paid = linkStatuses.filter((status) => linkIn(status).completedAt !== null);
  expect(paid).toEqual(['completed', 'refunded', 'partially_refunded']);
  for (const status of paid) expect(() => assertPaid(linkIn(status))).not.toThrow();
  expect(() => assertPaid(linkIn('processing'))).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
});

it('stores the method that a plan, or the periods of a subscription, go on with', () => {
  const plan = { count: 10, interval: 'monthly', perInstallmentMinor: 75000n } as const;
  const period = { id: 'period', subscriptionId: 'subscription' };
  const links = [given, { ...given, plan }, { ...given, period }].map((link) => createLink(link, now).next);
  expect(links.map(isMethodStored)).toEqual([false, true, true]);
  const paid = payment('1', { paymentMethodId: 'method' });
  const stored = links.map((link) => followPayment(link, { type: 'posted', payment: paid }, now)!.next.paymentMethodId);
  expect(stored).toEqual([null, 'method', 'method']);
  expect(links[2]).toMatchObject({ subscriptionId: 'subscription', subscriptionPeriodId: 'period' });
});
