import type Stripe from 'stripe';
import { notificationsFrom } from './stripe-events.ts';

const hear = (type: string, object: object) =>
  notificationsFrom({ id: 'evt_1', created: 1_736_942_400, type, data: { object } } as unknown as Stripe.Event);
const intent = (status: string, rest: object = {}) => ({
  ...{ id: 'pi_1', currency: 'usd', amount_received: 2567, amount_capturable: 0, capture_method: 'automatic', status },
  ...{ created: 1_736_942_400, last_payment_error: null, next_action: null, cancellation_reason: null },
  metadata: { quittance_key: 'p_1' },
  ...rest,
});
const head = { provider: 'stripe', id: 'evt_1', occurredAt: new Date('2025-01-15T12:00:00Z') };
const ours = { quittance_key: 'p_1', quittance_capture_key: 'p_2', quittance_void_key: 'p_3' };

it.each([
  [
    'payment_intent.succeeded',
    intent('succeeded'),
    {
      operation: 'charge',
      key: 'p_1',
      outcome: { kind: 'approved', ref: 'pi_1', amountMinor: 2567n, currency: 'USD' },
    },
  ],
  [
    'payment_intent.processing',
    intent('processing'),
    { operation: 'charge', outcome: { kind: 'pending', ref: 'pi_1' } },
  ],
  [
    'payment_intent.payment_failed',
    intent('requires_payment_method', { last_payment_error: { decline_code: 'do_not_honor' } }),
    { operation: 'charge', outcome: expect.objectContaining({ kind: 'declined', code: 'do_not_honor' }) },
  ],
  [
    'payment_intent.amount_capturable_updated',
    intent('requires_capture', { capture_method: 'manual', amount_capturable: 2567 }),
    { operation: 'charge', outcome: expect.objectContaining({ kind: 'authorised', amountMinor: 2567n }) },
  ],
  [
    'payment_intent.succeeded',
    intent('succeeded', { capture_method: 'manual', metadata: ours }),
    { operation: 'capture', key: 'p_2', outcome: expect.objectContaining({ kind: 'approved' }) },
  ],
  [
    'payment_intent.canceled',
    intent('canceled', { capture_method: 'manual', metadata: ours }),
    { operation: 'void', key: 'p_3', outcome: { kind: 'voided', ref: 'pi_1' } },
  ],
  [
    'refund.updated',
    { id: 're_1', status: 'succeeded', amount: 1000, currency: 'usd', metadata: { quittance_key: 'r_1' } },
    {
      operation: 'refund',
      key: 'r_1',
      outcome: { kind: 'approved', ref: 're_1', amountMinor: 1000n, currency: 'USD' },
    },
  ],
])('%s %j', (type, object, news) => {
  expect(hear(type, object)).toEqual([{ ...head, kind: 'outcome', key: 'p_1', ...news }]);
});

it.each([
  ['what we never asked for', 'payment_intent.succeeded', intent('succeeded', { metadata: {} })],
  ['a refund that somebody made by hand', 'refund.created', { id: 're_1', status: 'succeeded', metadata: {} }],
  ['a hold that lapsed', 'payment_intent.canceled', intent('canceled', { capture_method: 'manual' })],
  ['another kind of event', 'customer.created', { id: 'cus_1' }],
  ['a mandate that still holds', 'mandate.updated', { status: 'active', payment_method: 'pm_1' }],
])('says nothing of %s', (_what, type, object) => expect(hear(type, object)).toEqual([]));

describe('a dispute', () => {
  const dispute = (status: string, rest: object = {}) => ({
    ...{
      id: 'dp_1',
      status,
      amount: 2567,
      currency: 'usd',
      reason: 'fraudulent',
      payment_intent: 'pi_1',
      charge: 'ch_1',
    },
    balance_transactions: [{ fee: 1500, currency: 'usd' }],
    evidence_details: { due_by: 1_737_374_400 },
    payment_method_details: { card: { case_type: 'chargeback' } },
    ...rest,
  });

  it.each([
    ['created', 'warning_needs_response', 'inquiry', 'opened', null],
    ['updated', 'warning_under_review', 'inquiry', 'challenged', null],
    ['closed', 'warning_closed', 'inquiry', 'won', '2025-01-15'],
    ['created', 'needs_response', 'chargeback', 'opened', null],
    ['updated', 'under_review', 'chargeback', 'challenged', null],
    ['updated', 'appeal_needs_response', 'pre_arbitration', 'opened', null],
    ['closed', 'won', 'chargeback', 'won', '2025-01-15'],
    ['closed', 'lost', 'chargeback', 'lost', '2025-01-15'],
  ])('%s as %s is %s, %s', (what, status, stage, state, decidedOn) => {
    expect(hear(`charge.dispute.${what}`, dispute(status))).toEqual([
      {
        ...{ ...head, kind: 'dispute', disputeRef: 'dp_1', chargeRef: 'pi_1', stage, state, decidedOn },
        ...{ amountMinor: 2567n, currency: 'USD', feeMinor: 1500n, reasonCode: 'fraudulent' },
        evidenceDueAt: new Date('2025-01-20T12:00:00Z'),
      },
    ]);
  });

  it('of a bank account is the return of its debit, said once', () => {
    const back = dispute('lost', { reason: 'debit_not_authorized', payment_method_details: undefined });
    const news = { kind: 'returned', scheme: 'ach', chargeRef: 'pi_1', code: 'R10', returnedOn: '2025-01-15' };
    expect(hear('charge.dispute.created', back)).toEqual([{ ...head, ...news, amountMinor: 2567n, currency: 'USD' }]);
    expect(hear('charge.dispute.closed', back)).toEqual([]);
  });
});

describe('a payment method', () => {
  const card = { brand: 'visa', last4: '4444', exp_month: 2, exp_year: 2028, fingerprint: 'fp' };

  it('that the network replaced', () => {
    const instrument = expect.objectContaining({ type: 'card', last4: '4444', expiresOn: '2028-02-29' });
    expect(hear('payment_method.automatically_updated', { id: 'pm_1', card })).toEqual([
      { ...head, kind: 'method', token: 'pm_1', change: 'updated', instrument, reason: null },
    ]);
  });

  it.each([
    ['payment_method.detached', { id: 'pm_1', card }, 'detached'],
    ['mandate.updated', { status: 'inactive', payment_method: 'pm_1' }, 'mandate_revoked'],
  ])('that may not be charged any more: %s', (type, object, reason) => {
    const revoked = { kind: 'method', token: 'pm_1', change: 'revoked', instrument: null, reason };
    expect(hear(type, object)).toEqual([{ ...head, ...revoked }]);
  });
});
