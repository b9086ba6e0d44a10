import { DomainError } from './errors.ts';
import { createPayment, recordExternal } from './payment.ts';
import type { Payment } from './payment.ts';
import { payByCheck } from './refund-check.ts';
import { allowedRefundActions, moveRefund, refundEvents, refundStates, refundTransitions } from './refund-state.ts';
import { shownRefundState } from './refund-state.ts';
import type { RefundEvent, RefundState } from './refund-state.ts';
import { approveRefund, failByCheck, failRefund, requestRefund, retryRefund, settleByCheck } from './refund.ts';
import { submitRefund, succeedRefund, withdrawRefund } from './refund.ts';
import type { RefundDecision, RefundRequest } from './refund.ts';
import { refundable } from './refundable.ts';

const now = new Date('2025-01-06T12:00:00.000Z');

function posted(amountMinor: bigint, changes: Partial<Payment> = {}): Payment {
  const input = {
    tenantId: 't',
    id: 'p',
    displayId: 'P-1',
    amountMinor,
    currency: 'USD',
    channel: 'api',
    now,
  } as const;
  const { next } = recordExternal(createPayment(input, 'ready').next, '2025-01-05', now);
  return { ...next, provider: 'sandbox', providerRef: 'ch_1', ...changes };
}

function ask(payment: Payment, asked: Partial<RefundRequest> = {}): RefundDecision {
  const request = { amountMinor: null, reason: 'Overpaid', destination: null, approvalAboveMinor: null, ...asked };
  return requestRefund(payment, { id: 'r', requestedBy: 'alice', now, ...request });
}

const submission = { now, checkAt: new Date('2025-01-06T12:00:13.000Z'), businessOn: null };
const closed = { code: 'account_closed', recommendedAction: 'refund_by_check' };
const given = { disbursementId: 'd', requestedBy: 'bob', now };
const pending = (payment: Payment) => ask(payment, { approvalAboveMinor: 0n });
const sent = (payment: Payment) => submitRefund(ask(payment), submission);

function refusal(act: () => unknown): DomainError {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const legal: Readonly<Record<RefundState, Partial<Record<RefundEvent, RefundState>>>> = {
  requested: {
    ...{ hold: 'pending_approval', submit: 'processing', pay_by_check: 'converted' },
    ...{ cancel: 'cancelled', fail: 'failed' },
  },
  pending_approval: { approve: 'approved', reject: 'rejected', cancel: 'cancelled' },
  approved: { submit: 'processing', pay_by_check: 'converted', fail: 'failed' },
  rejected: {},
  processing: { wait: 'processing', succeed: 'succeeded', fail: 'failed', lose_track: 'unknown' },
  unknown: { wait: 'processing', succeed: 'succeeded', fail: 'failed', lose_track: 'unknown' },
  succeeded: {},
  failed: { retry: 'processing', convert: 'converted' },
  cancelled: {},
  converted: { fail: 'failed' },
};

describe('every event in every state', () => {
  const pairs = refundStates.flatMap((state) => refundEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    const target = legal[state][event];
    expect(refundTransitions[state][event]).toBe(target);
    if (target !== undefined) expect(moveRefund({ state }, event)).toEqual({ state: target });
    else
      expect(refusal(() => moveRefund({ state }, event)).context).toEqual({
        allowedActions: allowedRefundActions(state),
      });
  });

  it.each([
    ['pending_approval', ['approve', 'reject', 'cancel']],
    ['failed', ['retry', 'convert']],
    ['requested', ['cancel']],
    ['succeeded', []],
  ] as const)('%s allows people %j', (state, actions) => {
    expect(allowedRefundActions(state)).toEqual(actions);
  });

  it('never leaves unknown because time has passed', () => {
    expect(Object.keys(refundTransitions.unknown)).toEqual(['wait', 'succeed', 'fail', 'lose_track']);
  });

  it('shows the outside six states', () => {
    const shown = Object.fromEntries(
      refundStates.map((state) => [state, shownRefundState({ state, finishedAt: null })]),
    );
    expect(shown).toEqual({
      ...{ requested: 'processing', approved: 'processing', processing: 'processing', converted: 'processing' },
      ...{ pending_approval: 'pending_approval', unknown: 'unknown', succeeded: 'succeeded', failed: 'failed' },
      ...{ rejected: 'cancelled', cancelled: 'cancelled' },
    });
    expect(shownRefundState({ state: 'converted', finishedAt: now })).toBe('succeeded');
  });
});

describe('what may be given back', () => {
  it('of 100.00 two refunds of 60.00: the second is refused, and 40.00 is left', () => {
    const first = ask(posted(10_000n), { amountMinor: 6_000n });
    expect(first.payment).toMatchObject({ refundPendingMinor: 6_000n, refundedMinor: 0n });
    const error = refusal(() => ask(first.payment, { amountMinor: 6_000n }));
    expect(error.code).toBe('exceeds_refundable');
    expect(error.context).toEqual({
      errors: [{ pointer: '/amount', detail: 'must not be more than 40.00' }],
      members: { remaining: '40.00' },
    });
    expect(ask(first.payment).refund.amountMinor).toBe(4_000n);
  });

  it('of 1,500.00 500.00 and then 1,000.00, and then nothing', () => {
    const part = succeedRefund(sent({ ...posted(150_000n), refundedMinor: 100_000n }), done, now);
    expect(part.payment).toMatchObject({ refundedMinor: 150_000n, refundPendingMinor: 0n });
    expect(refusal(() => ask(part.payment)).context).toMatchObject({ members: { remaining: '0.00' } });
  });

  it.each(['draft', 'ready', 'processing', 'authorised', 'declined', 'returned', 'reversed', 'discarded'] as const)(
    'nothing of a payment that is %s',
    (state) => {
      const error = refusal(() => ask(posted(100n, { state })));
      expect(error.code).toBe('invalid_transition');
      expect(error.context['allowedActions']).toBeInstanceOf(Array);
    },
  );

  it('after a dispute that took a part only what is left', () => {
    const lost = posted(10_000n, { lostMinor: 6_000n });
    expect(refusal(() => ask(lost, { amountMinor: 4_001n })).code).toBe('exceeds_refundable');
    expect(ask(lost, { amountMinor: 4_000n }).payment.refundPendingMinor).toBe(4_000n);
  });

  it('under a dispute only what is not disputed', () => {
    const disputed = posted(10_000n, { disputedMinor: 6_000n });
    expect(refusal(() => ask(disputed, { amountMinor: 4_001n })).code).toBe('payment_disputed');
    expect(ask(disputed, { amountMinor: 4_000n }).payment.refundPendingMinor).toBe(4_000n);
  });

  it.each([
    ['the way it came', {}, null, 'original_method'],
    ['by cheque where a cheque is asked for', {}, 'check', 'check'],
    ['by cheque where it came by no provider', { provider: null, providerRef: null }, null, 'check'],
  ] as const)('goes %s', (_how, changes, destination, expected) => {
    expect(ask(posted(100n, changes), { destination }).refund.destination).toBe(expected);
  });

  it.each([
    ['to another account', {}, 'ach'],
    ['the way it came where it came by no provider', { provider: null, providerRef: null }, 'original_method'],
  ] as const)('does not go %s', (_how, changes, destination) => {
    const error = refusal(() => ask(posted(100n, changes), { destination }));
    expect([error.code, error.context]).toMatchObject([
      'destination_not_supported',
      { errors: [{ pointer: '/destination' }] },
    ]);
  });
});

const done = { providerRef: 're_1', effectiveOn: '2025-01-06' };

describe('a refund', () => {
  it('above the limit waits for a second person, at the limit it does not', () => {
    expect(ask(posted(50_000n), { approvalAboveMinor: 50_000n }).refund.state).toBe('requested');
    const held = ask(posted(50_001n), { approvalAboveMinor: 50_000n });
    expect(held.refund.state).toBe('pending_approval');
    expect(refusal(() => approveRefund(held, 'alice')).code).toBe('second_person_required');
    expect(approveRefund(held, 'bob')).toMatchObject({ refund: { state: 'approved', decidedBy: 'bob', version: 2 } });
  });

  it.each(['reject', 'cancel'] as const)('that is taken back by %s frees its amount', (event) => {
    const { payment, facts } = withdrawRefund(pending(posted(10_000n)), { event, by: 'bob', now });
    expect(refundable(payment)).toBe(10_000n);
    expect(facts).toMatchObject([{ type: 'cancelled' }]);
  });

  it('is sent under a key of its own, and again under another', () => {
    const first = sent(posted(10_000n));
    expect(first.refund).toMatchObject({ attemptNo: 1, state: 'processing', nextCheckAt: submission.checkAt });
    const failed = failRefund(first, closed, now);
    expect(failed).toMatchObject({ payment: { refundPendingMinor: 0n }, refund: { failure: closed, finishedAt: now } });
    const again = retryRefund(failed, submission);
    expect(again).toMatchObject({ payment: { refundPendingMinor: 10_000n }, refund: { attemptNo: 2, failure: null } });
  });

  it('is not sent when its payment was taken back while it waited', () => {
    const waiting = ask(posted(10_000n));
    const decision = submitRefund({ ...waiting, payment: { ...waiting.payment, state: 'returned' } }, submission);
    expect(decision.refund).toMatchObject({ state: 'failed', failure: { code: 'payment_not_posted' } });
    expect(decision.payment.refundPendingMinor).toBe(0n);
  });

  it('cannot be tried again when others have taken the amount', () => {
    const failed = failRefund(sent(posted(10_000n)), closed, now);
    const other = ask(failed.payment, { amountMinor: 1n });
    expect(refusal(() => retryRefund({ ...failed, payment: other.payment }, submission)).code).toBe(
      'exceeds_refundable',
    );
  });

  it('counts when it succeeds, whatever the payment has become meanwhile', () => {
    const at = sent(posted(10_000n));
    const { payment, facts } = succeedRefund({ ...at, payment: { ...at.payment, state: 'returned' } }, done, now);
    expect(payment).toMatchObject({ state: 'returned', refundedMinor: 10_000n, refundPendingMinor: 0n });
    expect(facts).toMatchObject([{ type: 'succeeded', refund: { version: 3, effectiveOn: '2025-01-06' } }]);
  });
});

describe('a refund by cheque', () => {
  it('is a disbursement at once, and keeps its amount reserved', () => {
    const { decision, payout } = payByCheck(ask(posted(10_000n), { destination: 'check' }), given);
    expect(decision).toMatchObject({ refund: { state: 'converted', disbursementId: 'd', version: 2 } });
    expect(decision.facts.map(({ type }) => type)).toEqual(['requested', 'processing']);
    expect(decision.payment.refundPendingMinor).toBe(10_000n);
    expect(payout?.next).toMatchObject({
      ...{ state: 'validated', method: 'check', amountMinor: 10_000n, refundId: 'r', paymentId: 'p' },
      ...{ sourceType: 'refund', sourceId: 'r', requestedBy: 'bob' },
    });
  });

  it('reserves its amount again when it had failed', () => {
    const { decision } = payByCheck(failRefund(sent(posted(10_000n)), closed, now), given);
    expect(decision.payment.refundPendingMinor).toBe(10_000n);
    expect(decision.refund).toMatchObject({ state: 'converted', destination: 'check', finishedAt: null });
    expect(refusal(() => retryRefund(failByCheck(decision, 'check_voided', now), submission)).code).toBe(
      'destination_not_supported',
    );
  });

  const converted = () => payByCheck(ask(posted(10_000n), { destination: 'check' }), given).decision;

  it('is given back when the cheque is issued, without a second fact', () => {
    const paid = settleByCheck(converted(), '2025-01-07', now);
    expect(paid).toMatchObject({ payment: { refundedMinor: 10_000n, refundPendingMinor: 0n }, facts: [] });
    expect(paid.refund).toMatchObject({ state: 'converted', effectiveOn: '2025-01-07', finishedAt: now, version: 2 });
  });

  it.each([
    ['before it is issued', converted],
    ['after it was issued', () => settleByCheck(converted(), '2025-01-07', now)],
  ])('frees its amount when the cheque comes to nothing %s', (_when, at) => {
    const failed = failByCheck(at(), 'check_voided', now);
    expect(failed.payment).toMatchObject({ refundedMinor: 0n, refundPendingMinor: 0n });
    expect(failed.refund).toMatchObject({ state: 'failed', effectiveOn: null, failure: { code: 'check_voided' } });
    expect(failed.facts).toMatchObject([{ type: 'failed', refund: { version: 3 } }]);
  });
});
