import { change, changeActions } from './payment-change.ts';
import type { Amendment, Change, ChangeAction } from './payment-change.ts';
import { paymentStates } from './payment-state.ts';
import type { PaymentState } from './payment-state.ts';
import { createPayment } from './payment.ts';
import type { Payment, PaymentMethodKind } from './payment.ts';

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

const returned = { code: 'manual', pejorative: false, returnedOn: '2026-01-15' };
const asked = (rest: Partial<Change>): Change => ({ amendment: null, action: null, returned, ...rest });
const act = (payment: Payment, action: ChangeAction) => change(payment, asked({ action }), at(5));

/** From, action, to, and what is said. Every pair that is not here is refused. */
const allowed: readonly (readonly [PaymentState, ChangeAction, PaymentState, string[]])[] = [
  ['draft', 'ready', 'ready', []],
  ['draft', 'discard', 'discarded', ['discarded']],
  ['ready', 'draft', 'draft', []],
  ['ready', 'discard', 'discarded', ['discarded']],
  ['ready', 'decline', 'declined', ['declined']],
  ['posted', 'return', 'returned', ['returned']],
];
const pairs = paymentStates.flatMap((state) => changeActions.map((action) => [state, action] as const));
const isAllowed = (state: PaymentState, action: ChangeAction) => allowed.some(([s, a]) => s === state && a === action);

describe('what a person decides', () => {
  it.each(allowed)('%s allows %s', (state, action, to, said) => {
    const { next, facts } = act(inState(state), action);
    expect(next).toMatchObject({ state: to, version: draft.version + said.length, updatedAt: at(5) });
    expect(facts.map(({ type }) => type)).toEqual(said);
  });

  it.each(pairs.filter(([state, action]) => !isAllowed(state, action)))('%s refuses %s', (state, action) => {
    expect(() => act(inState(state), action)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('changes nothing when nothing is asked for', () => {
    expect(change(draft, asked({}), at(5))).toEqual({ next: draft, facts: [] });
  });

  it('makes no draft of a payment that was charged once', () => {
    expect(() => act(inState('ready', { attemptNo: 1 }), 'draft')).toThrow('does not allow');
  });

  it('tells why it was declined', () => {
    const { next, facts } = act(inState('ready'), 'decline');
    const failure = { code: 'declined_by_request', category: 'hard', retryable: false, recommendedAction: 'none' };
    expect(next.failure).toEqual(failure);
    expect(facts).toMatchObject([{ failure }]);
  });

  it.each<[PaymentMethodKind, string]>([
    ['card', 'card'],
    ['ach', 'ach'],
    ['check', 'check'],
    ['lockbox', 'check'],
    ['cash', 'check'],
    ['wire', 'check'],
  ])('returns %s money by the scheme %s', (method, scheme) => {
    expect(act(inState('posted', { method }), 'return').next).toMatchObject({
      returned: { ...returned, scheme },
      returnedAt: at(5),
    });
  });
});

describe('a correction', () => {
  const amendment: Amendment = {
    amountMinor: 1000n,
    currency: 'EUR',
    fieldValues: { a: ['b'] },
    policyLocator: 'pol-2',
    policyholderLocator: null,
    ...{ invoiceLocator: null, statementLocator: null, merchantId: 'm-1', locationId: null },
  };

  it.each<PaymentState>(['draft', 'ready'])('is possible in state %s, and said by the next fact', (state) => {
    const { next, facts } = change(inState(state), asked({ amendment }), at(5));
    expect(next).toEqual({ ...inState(state), ...amendment, updatedAt: at(5) });
    expect(facts).toEqual([]);
  });

  it('comes before the action', () => {
    const { facts } = change(draft, asked({ amendment, action: 'discard' }), at(5));
    expect(facts).toMatchObject([{ type: 'discarded', payment: { amountMinor: 1000n, state: 'discarded' } }]);
  });

  it.each(paymentStates.filter((state) => state !== 'draft' && state !== 'ready'))('is refused in %s', (state) => {
    expect(() => change(inState(state), asked({ amendment }), at(5))).toThrow('is not corrected any more');
  });
});
