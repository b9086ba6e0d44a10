import { DomainError } from './errors.ts';
import {
  authorise,
  capture,
  createPayment,
  execute,
  failAttempt,
  followUp,
  giveUpAuthorisation,
  raiseFlag,
  recordExternal,
  refuse,
  requireAction,
  reverse,
  succeed,
} from './payment.ts';
import { allowedActions, move, paymentEvents, paymentStates, seedState } from './payment-state.ts';
import type { Payment } from './payment.ts';
import type { PaymentEvent, PaymentState } from './payment-state.ts';
import { noPaymentMethod } from './payment-method.ts';

const collected = (effectiveOn: string) => ({ provider: 'sandbox', providerRef: 'r1', effectiveOn });
const at = (minute: number) => new Date(Date.UTC(2026, 0, 15, 12, minute));

const draft = createPayment(
  {
    tenantId: '0199a3c4-0000-7000-8000-000000000001',
    id: '0199a3c4-0000-7000-8000-000000000002',
    displayId: 'P-1',
    amountMinor: 2567n,
    currency: 'USD',
    channel: 'api',
    now: at(0),
  },
  'draft',
).next;
const inState = (state: PaymentState, rest: Partial<Payment> = {}): Payment => ({ ...draft, state, ...rest });

/** The table of the rules, written a second time: from, event, to. Every pair that is not here is refused. */
const allowed: readonly (readonly [PaymentState, PaymentEvent, PaymentState])[] = [
  ['draft', 'ready', 'ready'],
  ['draft', 'discard', 'discarded'],
  ['ready', 'reset', 'draft'],
  ['ready', 'discard', 'discarded'],
  ['ready', 'decline', 'declined'],
  ['ready', 'execute', 'processing'],
  ['ready', 'record_external', 'posted'],
  ['processing', 'action_required', 'requires_action'],
  ['processing', 'attempt_authorised', 'authorised'],
  ['processing', 'attempt_succeeded', 'posted'],
  ['processing', 'attempt_failed', 'ready'],
  ['processing', 'attempt_failed_final', 'declined'],
  ['processing', 'attempt_unknown', 'processing'],
  ['requires_action', 'action_completed', 'processing'],
  ['requires_action', 'expire', 'declined'],
  ['authorised', 'capture', 'posted'],
  ['authorised', 'void', 'discarded'],
  ['authorised', 'expire', 'discarded'],
  ['posted', 'return', 'returned'],
  ['posted', 'reverse', 'reversed'],
  ['posted', 'refund_settled', 'posted'],
  ['posted', 'dispute_lost', 'returned'],
];

const pairs = paymentStates.flatMap((state) => paymentEvents.map((event) => [state, event] as const));
const target = (state: PaymentState, event: PaymentEvent) => allowed.find(([s, e]) => s === state && e === event)?.[2];

describe('every pair of state and event', () => {
  it.each(pairs.filter(([state, event]) => target(state, event)))('%s allows %s', (state, event) => {
    const moved = move(inState(state), event, at(1));
    expect(moved).toEqual({ ...inState(state), state: target(state, event), updatedAt: at(1) });
  });

  it.each(pairs.filter(([state, event]) => !target(state, event)))('%s refuses %s', (state, event) => {
    const payment = inState(state);
    const refused = expect.objectContaining({
      name: 'DomainError',
      code: 'invalid_transition',
      context: { allowedActions: allowedActions(payment) },
    }) as DomainError;
    expect(() => move(payment, event, at(1))).toThrow(refused);
  });

  it('leaves no way out of a final state', () => {
    const final = paymentStates.filter((state) => paymentEvents.every((event) => !target(state, event)));
    expect(final).toEqual(['declined', 'returned', 'reversed', 'discarded']);
  });
});

describe('what a caller may do', () => {
  it.each<[PaymentState, number, string[]]>([
    ['draft', 0, ['ready', 'discard']],
    ['ready', 0, ['draft', 'discard', 'decline']],
    ['ready', 1, ['discard', 'decline']],
    ['processing', 1, []],
    ['requires_action', 1, []],
    ['authorised', 1, ['capture', 'void']],
    ['posted', 1, ['return', 'reverse']],
    ['declined', 1, []],
    ['returned', 1, []],
    ['reversed', 1, []],
    ['discarded', 0, []],
  ])('in %s after %d attempts: %j', (state, attemptNo, actions) => {
    expect(allowedActions(inState(state, { attemptNo }))).toEqual(actions);
  });

  it('does not make a draft of a payment that money was asked for', () => {
    expect(() => move(inState('ready', { attemptNo: 1 }), 'reset', at(1))).toThrow(DomainError);
  });
});

describe('the six states of the outside', () => {
  it('shows every state as one of them', () => {
    expect(Object.fromEntries(paymentStates.map((state) => [state, seedState(state)]))).toEqual({
      draft: 'draft',
      ready: 'ready',
      processing: 'ready',
      requires_action: 'ready',
      authorised: 'ready',
      posted: 'posted',
      declined: 'declined',
      returned: 'returned',
      reversed: 'returned',
      discarded: 'discarded',
    });
  });
});

describe('facts', () => {
  const ready = inState('ready', { sourceType: 'instalment', sourceId: 'i1', sourceAttempt: 1 });
  const processing = execute(ready, at(1)).next;
  const soft = { code: 'insufficient_funds', category: 'soft', recommendedAction: 'retry_later' } as const;
  const hard = { code: 'stolen_card', category: 'hard', recommendedAction: 'update_payment_method' } as const;
  const told = (decision: { facts: readonly { type: string; payment: Payment }[] }) =>
    decision.facts.map(({ type, payment }) => [type, payment.version, payment.state]);

  it('raise the version by one each', () => {
    expect(draft.version).toBe(1);
    const posted = recordExternal(inState('ready'), '2026-01-14', at(1));
    expect(told(posted)).toEqual([['posted', 2, 'posted']]);
    expect(posted.next).toMatchObject({ receivedOn: '2026-01-14', effectiveOn: '2026-01-14', postedAt: at(1) });
  });

  it('number the attempts', () => {
    expect(processing).toMatchObject({ state: 'processing', attemptNo: 1, version: 2 });
  });

  it('post with the date the money belongs to', () => {
    const posted = succeed(processing, collected('2026-02-01'), at(2));
    expect(told(posted)).toEqual([['posted', 3, 'posted']]);
    expect(posted.next).toMatchObject({ effectiveOn: '2026-02-01', postedAt: at(2) });
  });

  it('keep a softly declined instalment ready to be asked again', () => {
    const failed = failAttempt(processing, soft, at(2));
    expect(told(failed)).toEqual([['failed', 3, 'ready']]);
    expect(failed.facts[0]?.failure).toEqual({ ...soft, retryable: true });
    expect(execute(failed.next, at(3)).next).toMatchObject({ attemptNo: 2, failure: null });
  });

  it('wait for the customer without promising that a retry helps', () => {
    const failed = failAttempt(processing, { ...soft, category: 'needs_customer' }, at(2));
    expect(failed.next).toMatchObject({ state: 'ready', failure: { retryable: false } });
  });

  it('decline for good what will never work', () => {
    const failed = failAttempt(processing, hard, at(2));
    expect(told(failed)).toEqual([
      ['failed', 3, 'declined'],
      ['declined', 4, 'declined'],
    ]);
    expect(failed.next.failure).toEqual({ ...hard, retryable: false });
  });

  it('decline for good what nobody will ask for again', () => {
    const own = execute(inState('ready'), at(1)).next;
    expect(failAttempt(own, soft, at(2)).next).toMatchObject({ state: 'declined', failure: { retryable: false } });
  });

  it('refuse a payment that has no usable method', () => {
    const refused = refuse(ready, noPaymentMethod, at(1));
    expect(told(refused)).toEqual([
      ['failed', 2, 'declined'],
      ['declined', 3, 'declined'],
    ]);
    expect(refused.next).toMatchObject({ attemptNo: 1, failure: noPaymentMethod });
  });

  it('end the waiting for the customer by the final word of the provider', () => {
    const asked = requireAction(processing, at(60), at(2));
    const waiting = asked.next;
    expect(waiting).toMatchObject({ state: 'requires_action', version: processing.version + 1 });
    expect(asked.facts).toMatchObject([{ action: { type: 'authenticate', expiresAt: at(60) } }]);
    expect(succeed(waiting, collected('2026-01-15'), at(3)).next.state).toBe('posted');
    expect(failAttempt(waiting, hard, at(3)).next.state).toBe('declined');
  });

  it('hold an amount until it is captured, and only then count as received', () => {
    const held = authorise(processing, { provider: 'sandbox', providerRef: 'r1', expiresAt: at(60) }, at(2));
    expect(told(held)).toEqual([['authorised', 3, 'authorised']]);
    expect(held.next).toMatchObject({ authorisedAt: at(2), authorisationExpiresAt: at(60), postedAt: null });
    const asked = followUp(held.next, 'capture', at(3));
    expect(asked).toMatchObject({ state: 'authorised', attemptNo: 2, version: 3 });
    const captured = capture(asked, '2026-01-16', at(4));
    expect(told(captured)).toEqual([['posted', 4, 'posted']]);
    expect(captured.next).toMatchObject({ providerRef: 'r1', effectiveOn: '2026-01-16', postedAt: at(4) });
  });

  it.each(['void', 'expire'] as const)('give an authorisation back: %s', (event) => {
    const given = giveUpAuthorisation(inState('authorised'), event, at(2));
    expect(told(given)).toEqual([['voided', 2, 'discarded']]);
  });

  it('ask for no follow-up where nothing is held', () => {
    expect(() => followUp(processing, 'capture', at(3))).toThrow(DomainError);
  });

  it('are flagged without a change of state', () => {
    const flag = {
      id: 'f1',
      reason: 'double_recovery',
      amount: { minor: 4_000n, currency: 'USD' },
      detail: null,
    } as const;
    const flagged = raiseFlag(inState('posted'), flag, at(5));
    expect(told(flagged)).toEqual([['flagged', 2, 'posted']]);
    expect(flagged.facts[0]?.flag).toEqual(flag);
  });

  it('reverse with a date that nothing else sets', () => {
    const reversal = {
      id: 'r1',
      reason: 'entered_in_error',
      pejorative: false,
      executedOn: '2026-01-15',
      name: 'n',
      details: null,
    } as const;
    const reversed = reverse(inState('posted'), reversal, at(5));
    expect(reversed.next).toMatchObject({ state: 'reversed', reversedAt: at(5) });
    expect(reversed.facts[0]?.reversal).toEqual(reversal);
  });

  it.each(['refundedMinor', 'refundPendingMinor', 'disputedMinor'] as const)(
    'are not reversed as a whole when a part is gone already: %s',
    (part) => {
      const why = { reason: 'entered_in_error', pejorative: false, executedOn: '2026-01-15' } as const;
      const asked = () =>
        reverse(inState('posted', { [part]: 1n }), { id: 'r1', ...why, name: null, details: null }, at(5));
      expect(asked).toThrow(expect.objectContaining({ code: 'payment_not_whole' }) as DomainError);
    },
  );

  it('never exist for nothing', () => {
    expect(() => createPayment({ ...draft, amountMinor: 0n, now: at(0) }, 'draft')).toThrow(RangeError);
  });
});
