import Stripe from 'stripe';
import { captureOutcome, chargeOutcome, errorOutcome, refundOutcome, voidOutcome } from './stripe-outcomes.ts';

/** An intent as Stripe prints it, as far as we read it. */
const intent = (rest: object = {}) =>
  ({
    ...{ id: 'pi_1', object: 'payment_intent', amount: 2567, currency: 'usd', created: 1_736_942_400, metadata: {} },
    ...{ amount_received: 0, amount_capturable: 0, capture_method: 'automatic', next_action: null },
    ...{ last_payment_error: null, latest_charge: 'ch_1', cancellation_reason: null, status: 'processing' },
    ...rest,
  }) as unknown as Stripe.PaymentIntent;
const refund = (rest: object) =>
  ({ id: 're_1', object: 'refund', amount: 1000, currency: 'usd', metadata: {}, ...rest }) as unknown as Stripe.Refund;
const capturable = { status: 'requires_capture', amount_capturable: 2567 };

describe('a charge', () => {
  it.each([
    [
      { status: 'succeeded', amount_received: 2567 },
      { kind: 'approved', ref: 'pi_1', amountMinor: 2567n, currency: 'USD' },
    ],
    [
      { status: 'succeeded', amount_received: 500, currency: 'isk' },
      { kind: 'approved', ref: 'pi_1', amountMinor: 5n, currency: 'ISK' },
    ],
    [{ status: 'processing' }, { kind: 'pending', ref: 'pi_1' }],
    [
      { ...capturable, latest_charge: { payment_method_details: { card: { capture_before: 1_737_374_400 } } } },
      {
        kind: 'authorised',
        ref: 'pi_1',
        amountMinor: 2567n,
        currency: 'USD',
        expiresAt: new Date('2025-01-20T12:00Z'),
      },
    ],
    [capturable, { kind: 'authorised', expiresAt: new Date('2025-01-22T12:00Z') }],
    [
      { status: 'requires_action', next_action: { redirect_to_url: { url: 'https://hooks.stripe.com/3ds' } } },
      { kind: 'requires_action', ref: 'pi_1', url: 'https://hooks.stripe.com/3ds' },
    ],
    [
      { status: 'requires_action', next_action: { type: 'use_stripe_sdk' } },
      { kind: 'requires_action', ref: 'pi_1' },
    ],
    [{ status: 'requires_payment_method' }, { kind: 'unknown' }],
    [{ status: 'requires_confirmation' }, { kind: 'unknown' }],
    [
      { status: 'canceled', cancellation_reason: 'abandoned' },
      { kind: 'declined', code: 'abandoned', category: 'hard' },
    ],
  ])('%j is %j', (said, outcome) => expect(chargeOutcome(intent(said))).toMatchObject(outcome));

  it.each([
    ['insufficient_funds', 'card_declined', 'insufficient_funds', 'soft', 'retry_later'],
    ['stolen_card', 'card_declined', 'stolen_card', 'hard', 'update_payment_method'],
    ['authentication_required', 'authentication_required', 'authentication_required', 'needs_customer', 'ask_customer'],
    [undefined, 'expired_card', 'expired_card', 'hard', 'update_payment_method'],
    ['brand_new_code', 'card_declined', 'brand_new_code', 'hard', 'contact_support'],
    [undefined, undefined, 'declined', 'hard', 'contact_support'],
  ])('declined as %s, %s is %s: %s, %s', (decline, error, code, category, recommendedAction) => {
    const last = { decline_code: decline, code: error, message: 'Your card was declined.' };
    const said = chargeOutcome(intent({ status: 'requires_payment_method', last_payment_error: last }));
    expect(said).toEqual({ kind: 'declined', ref: 'pi_1', code, category, recommendedAction });
  });
});

describe('a capture', () => {
  const done = { status: 'succeeded', amount_received: 2567, metadata: { quittance_capture_key: 'k' } };
  it.each([
    [done, { kind: 'approved', amountMinor: 2567n }],
    [
      { ...done, metadata: { quittance_capture_key: 'other' } },
      { kind: 'declined', code: 'already_captured' },
    ],
    [capturable, { kind: 'never_seen' }],
    [{ status: 'canceled' }, { kind: 'declined', code: 'authorisation_expired' }],
  ])('%j is %j', (said, outcome) => expect(captureOutcome(intent(said), 'k')).toMatchObject(outcome));
});

describe('giving a hold up', () => {
  it.each([
    [
      { status: 'canceled', cancellation_reason: null },
      { kind: 'voided', ref: 'pi_1' },
    ],
    [
      { status: 'canceled', cancellation_reason: 'automatic' },
      { kind: 'declined', code: 'authorisation_expired' },
    ],
    [{ status: 'succeeded' }, { kind: 'declined', code: 'already_captured' }],
    [capturable, { kind: 'never_seen' }],
    [{ status: 'processing' }, { kind: 'unknown' }],
  ])('%j is %j', (said, outcome) => expect(voidOutcome(intent(said))).toMatchObject(outcome));
});

describe('a refund', () => {
  it.each([
    [{ status: 'succeeded' }, { kind: 'approved', ref: 're_1', amountMinor: 1000n, currency: 'USD' }],
    [{ status: 'pending' }, { kind: 'pending', ref: 're_1' }],
    [{ status: 'requires_action' }, { kind: 'pending', ref: 're_1' }],
    [
      { status: 'failed', failure_reason: 'expired_or_canceled_card' },
      { kind: 'declined', code: 'account_closed', category: 'hard', recommendedAction: 'refund_by_check' },
    ],
    [
      { status: 'failed', failure_reason: 'insufficient_funds' },
      { kind: 'declined', code: 'provider_balance_insufficient', category: 'soft' },
    ],
    [{ status: 'canceled' }, { kind: 'declined', code: 'canceled', recommendedAction: 'refund_by_check' }],
    [{ status: null }, { kind: 'unknown' }],
  ])('%j is %j', (said, outcome) => expect(refundOutcome(refund(said))).toMatchObject(outcome));
});

describe('an exception of the client', () => {
  const { errors } = Stripe;
  const connection = (detail: unknown) => new errors.StripeConnectionError({ detail } as never);
  const raw = (rest: object) => ({ message: 'Its own text', ...rest }) as never;

  it.each([
    ['nobody there', connection({ code: 'ECONNREFUSED' }), { kind: 'never_reached', reason: 'ECONNREFUSED' }],
    ['a line that broke', connection({ code: 'ECONNRESET' }), { kind: 'unknown', reason: 'ECONNRESET' }],
    ['no answer in time', connection({ code: 'ETIMEDOUT' }), { kind: 'unknown', reason: 'ETIMEDOUT' }],
    [
      'a card that is declined',
      new errors.StripeCardError(
        raw({ code: 'card_declined', decline_code: 'lost_card', payment_intent: { id: 'pi_2' } }),
      ),
      {
        kind: 'declined',
        ref: 'pi_2',
        code: 'lost_card',
        category: 'hard',
        recommendedAction: 'update_payment_method',
      },
    ],
    ['too many requests', new errors.StripeRateLimitError(raw({ statusCode: 429 })), { kind: 'never_reached' }],
    ['a wrong API key', new errors.StripeAuthenticationError(raw({ statusCode: 401 })), { kind: 'never_reached' }],
    [
      'a request that it does not take',
      new errors.StripeInvalidRequestError(raw({ statusCode: 400, code: 'amount_too_large' })),
      { kind: 'declined', code: 'amount_too_large', category: 'hard' },
    ],
    [
      'a key that is in use',
      new errors.StripeInvalidRequestError(raw({ statusCode: 409, code: 'idempotency_key_in_use' })),
      { kind: 'unknown' },
    ],
    ['a key that was used', new errors.StripeIdempotencyError(raw({ statusCode: 400 })), { kind: 'unknown' }],
    ['its own trouble', new errors.StripeAPIError(raw({ statusCode: 500 })), { kind: 'unknown' }],
    ['anything else', new TypeError('?'), { kind: 'unknown' }],
  ])('%s', (_what, error, outcome) => {
    const said = errorOutcome(error);
    expect(said).toMatchObject(outcome);
    expect(JSON.stringify(said)).not.toContain('Its own text');
  });
});
