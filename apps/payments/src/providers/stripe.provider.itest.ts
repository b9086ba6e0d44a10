import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { describeWhere } from '@quittance/testing/describe-where';
import { startStripeMock, whyNoStripeMock } from '@quittance/testing/stripe-mock';
import { account, chargeOf, describeTheLine, followUpOf } from './provider.contract.ts';
import type { Signing } from './provider.contract.ts';
import { StripeProvider } from './stripe.provider.ts';

const apiKey = 'sk_test_123';
const webhookSecret = 'whsec_test';
const signing: Signing = {
  body: JSON.stringify({
    ...{ id: 'evt_1', object: 'event', type: 'refund.updated', created: 1_736_942_400 },
    data: {
      object: {
        ...{ id: 're_1', object: 'refund', amount: 1000, currency: 'usd', status: 'succeeded' },
        metadata: { quittance_key: 'r_1' },
      },
    },
  }),
  means: { provider: 'stripe', id: 'evt_1', kind: 'outcome', operation: 'refund', key: 'r_1' },
  otherSecret: 'whsec_other',
  sign: (payload, { at = new Date(), secret = webhookSecret } = {}) => ({
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({
      ...{ payload, secret, timestamp: Math.floor(at.getTime() / 1_000) },
    }),
  }),
};

async function addressOf(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describeTheLine('Stripe', async () => {
  const server = createServer();
  const url = await addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return {
    connectToNobody: () => new StripeProvider({ apiKey, webhookSecret, url, timeoutMs: 500 }),
    ...{ token: 'pm_card_visa', signing },
  };
});

const mock = await startStripeMock();
afterAll(() => mock?.stop());

/** The mock answers every valid request with the same examples: what counts is that it takes what we send. */
describeWhere(mock !== null, whyNoStripeMock)('Stripe, as its official mock checks it', () => {
  let provider: StripeProvider;
  const requests = () =>
    mock?.requests.splice(0).map(({ what, idempotencyKey, body }) => {
      return { what, idempotencyKey, body: Object.fromEntries(body) };
    });
  beforeEach(() => {
    requests();
    provider = new StripeProvider({ apiKey, webhookSecret, url: mock?.url ?? '', timeoutMs: 5_000 });
  });
  afterEach(() => provider.close());

  it('describes a payment method', async () => {
    expect(await provider.describe('pm_card_visa')).toMatchObject({
      kind: 'instrument',
      instrument: { type: 'card', brand: 'visa', last4: '4242', expiresOn: '2030-08-31' },
    });
  });

  it('is not asked about tokens of others', async () => {
    expect(await provider.describe('tok_visa')).toEqual({ kind: 'unknown_token' });
    expect(requests()).toEqual([]);
  });

  it.each([
    [true, 'automatic'],
    [false, 'manual'],
  ])('charges, capture %s, under our key', async (capture, method) => {
    const asked = chargeOf('pm_card_visa', { capture, subject: 's', amountMinor: 5n, currency: 'ISK' });
    expect(['declined', 'approved', 'authorised']).toContain((await provider.charge(asked)).kind);
    expect(requests()?.at(-1)).toMatchObject({
      what: 'POST /v1/payment_intents',
      idempotencyKey: asked.key,
      body: {
        ...{ amount: '500', currency: 'isk', confirm: 'true', payment_method: 'pm_card_visa', capture_method: method },
        ...{ 'metadata[quittance_key]': asked.key, 'metadata[quittance_subject]': 's' },
        ...{ error_on_requires_action: 'true', 'payment_method_types[0]': 'card' },
      },
    });
  });

  it('sends no charge that it could not say exactly', async () => {
    const asked = chargeOf('pm_card_visa', { amountMinor: 5124n, currency: 'KWD' });
    expect(await provider.charge(asked)).toMatchObject({ kind: 'declined', code: 'amount_not_representable' });
    expect(requests()).toEqual([]);
  });

  it('captures and gives up under our keys', async () => {
    const [capture, giveUp] = [followUpOf('pi_1', { amountMinor: 1000n }), followUpOf('pi_1')];
    await provider.capture(capture);
    await provider.void(giveUp);
    expect(requests()).toMatchObject([
      {
        ...{ what: 'POST /v1/payment_intents/pi_1/capture', idempotencyKey: capture.key },
        body: { amount_to_capture: '1000', 'metadata[quittance_capture_key]': capture.key },
      },
      {
        ...{ what: 'POST /v1/payment_intents/pi_1', idempotencyKey: `${giveUp.key}_mark` },
        body: { 'metadata[quittance_void_key]': giveUp.key },
      },
      { what: 'POST /v1/payment_intents/pi_1/cancel', idempotencyKey: giveUp.key },
    ]);
  });

  it('refunds under our key', async () => {
    const asked = followUpOf('pi_1', { amountMinor: 1000n });
    const said = await provider.refund(asked);
    expect(said).toEqual({ kind: 'approved', ref: expect.any(String), amountMinor: 1000n, currency: 'USD' });
    const body = { payment_intent: 'pi_1', amount: '1000', 'metadata[quittance_key]': asked.key };
    expect(requests()).toEqual([{ what: 'POST /v1/refunds', idempotencyKey: asked.key, body }]);
  });

  it.each([
    ['charge', 'GET /v1/payment_intents/search', { query: "metadata['quittance_key']:'k'", limit: '1' }],
    ['capture', 'GET /v1/payment_intents/pi_1', {}],
    ['void', 'GET /v1/payment_intents/pi_1', {}],
    ['refund', 'GET /v1/refunds', { payment_intent: 'pi_1', limit: '100' }],
  ] as const)('looks a %s up', async (operation, what, body) => {
    await provider.lookup({ key: 'k', operation, chargeRef: 'pi_1', tenantId: account, businessOn: null });
    expect(requests()).toEqual([{ what, idempotencyKey: undefined, body }]);
  });

  it('has never seen a refund that is not among those of its charge', async () => {
    const question = { key: 'k', operation: 'refund', chargeRef: 'pi_1', tenantId: account, businessOn: null } as const;
    expect(await provider.lookup(question)).toEqual({ kind: 'never_seen' });
  });
});

describe("answers as Stripe's documentation prints them", () => {
  const answering = async (answer: (path: string) => readonly [number, object] | null) => {
    const asked: string[] = [];
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      asked.push(`${request.method} ${request.url?.split('?')[0]}`);
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        bodies.push(body);
        const said = answer(request.url ?? '');
        if (said) response.writeHead(said[0], { 'content-type': 'application/json' }).end(JSON.stringify(said[1]));
      });
    });
    const options = { apiKey, url: await addressOf(server), timeoutMs: 400, returnUrl: 'https://pay.example/back' };
    const provider = new StripeProvider(options);
    const close = async () => {
      await provider.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { provider, asked, bodies, close };
  };
  const card = { id: 'pm_1', object: 'payment_method', type: 'card', customer: null };
  const afterMethod = (status: number, error: object) => (path: string) =>
    path.startsWith('/v1/payment_methods') ? ([200, card] as const) : ([status, { error }] as const);
  const declined = { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' };
  const [request, taken] = ['invalid_request_error', 'idempotency_error'];

  it.each([
    [402, { ...declined, payment_intent: { id: 'pi_9' } }, { kind: 'declined', ref: 'pi_9', category: 'soft' }],
    [400, { type: request, code: 'parameter_invalid_integer' }, { kind: 'declined', category: 'hard' }],
    [400, { type: taken, code: 'idempotency_key_in_use' }, { kind: 'unknown' }],
    [401, { type: request }, { kind: 'never_reached' }],
    [429, { type: request, code: 'rate_limit' }, { kind: 'never_reached' }],
    [500, { type: 'api_error' }, { kind: 'unknown' }],
  ])('%i %j is %j, and is asked once', async (status, error, outcome) => {
    const { provider, asked, close } = await answering(afterMethod(status, error));
    expect(await provider.charge(chargeOf('pm_1'))).toMatchObject(outcome);
    expect(asked).toEqual(['GET /v1/payment_methods/pm_1', 'POST /v1/payment_intents']);
    await close();
  });

  it.each([
    ['in their absence what is kept for a customer', 'cus_1', { customer: 'cus_1', off_session: 'true' }],
    ['before them a token that was made just now', null, { return_url: 'https://pay.example/back' }],
  ])('charges %s', async (_what, customer, expected) => {
    const intent = { id: 'pi_1', status: 'succeeded', amount_received: 2567, currency: 'usd' };
    const isMethod = (path: string) => path.startsWith('/v1/payment_methods');
    const { provider, bodies, close } = await answering((path) => [
      200,
      isMethod(path) ? { ...card, customer } : intent,
    ]);
    expect(await provider.charge(chargeOf('pm_1'))).toMatchObject({ kind: 'approved', amountMinor: 2567n });
    const { customer: asked, off_session, return_url } = Object.fromEntries(new URLSearchParams(bodies[1]));
    const sent = {
      ...(asked && { customer: asked }),
      ...(off_session && { off_session }),
      ...(return_url && { return_url }),
    };
    expect(sent).toEqual(expected);
    await close();
  });

  it('is unknown when the charge is not answered, and never reached when only the method was not read', async () => {
    const silent = await answering((path) => (path.startsWith('/v1/payment_methods') ? [200, card] : null));
    expect(await silent.provider.charge(chargeOf('pm_1'))).toEqual({ kind: 'unknown', reason: 'ETIMEDOUT' });
    await silent.close();
    const deaf = await answering(() => null);
    expect(await deaf.provider.charge(chargeOf('pm_1'))).toEqual({ kind: 'never_reached', reason: 'ETIMEDOUT' });
    await deaf.close();
  });

  it.each([
    ['capture', { status: 'canceled' }, { kind: 'declined', code: 'authorisation_expired' }],
    ['void', { status: 'canceled', cancellation_reason: null }, { kind: 'voided', ref: 'pi_1' }],
    ['void', { status: 'succeeded' }, { kind: 'declined', code: 'already_captured' }],
  ] as const)('%s of an intent that is in another state already: %j', async (operation, state, outcome) => {
    const intent = { id: 'pi_1', currency: 'usd', metadata: {}, cancellation_reason: null, ...state };
    const error = { type: request, code: 'payment_intent_unexpected_state', payment_intent: intent };
    const { provider, close } = await answering(() => [400, { error }]);
    expect(await provider[operation](followUpOf('pi_1'))).toMatchObject(outcome);
    await close();
  });

  it('does not know a token that Stripe does not have', async () => {
    const { provider, close } = await answering(() => [404, { error: { type: request, code: 'resource_missing' } }]);
    expect(await provider.describe('pm_gone')).toEqual({ kind: 'unknown_token' });
    await close();
  });
});
