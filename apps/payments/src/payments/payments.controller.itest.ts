import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { Api } from '@quittance/testing/api';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  payments = await startPayments();
  api = await payments.api(tenantId);
});
afterAll(() => payments.stop());

interface Shown {
  locator: string;
  displayId: string;
  state: string;
  createdTimestamp: string;
  postedTimestamp?: string;
}
interface Problem {
  code: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
  allowedActions?: string[];
}

const timestamp = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string;
const cash = { amount: 25.67, method: 'cash', receivedDate: '2026-01-14' };
const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const create = (body: object, headers?: Record<string, string>) => api.post<Shown>('/payments', body, headers);
const refused = (body: unknown) => api.post<Problem>('/payments', body);
const places = ({ errors = [] }: Problem) => errors.map(({ pointer, parameter }) => pointer ?? parameter).sort();

describe('POST /payments, 201', () => {
  it("is in the tenant's currency where it names none", async () => {
    const euros = await payments.api(newId(), { currency: 'EUR' });
    expect(await euros.post('/payments', { amount: 10.5 })).toMatchObject({
      status: 201,
      body: { amount: 10.5, amountCurrency: 'EUR' },
    });
    expect(await euros.post('/payments', { amount: 10.5, amountCurrency: 'USD' })).toMatchObject({
      status: 201,
      body: { amountCurrency: 'USD' },
    });
  });

  it('is a draft without a way to pay, in the words of its document', async () => {
    const { status, body } = await create({
      ...{ amount: 25.67, amountCurrency: 'USD', policyLocator: 'pol-1', policyholderLocator: 'ph-1' },
      ...{ invoiceLocator: 'inv-1', fieldValues: { channel: ['phone'], notes: [] } },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      locator: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      displayId: expect.stringMatching(/^P-/) as string,
      state: 'draft',
      ...{ amount: 25.67, amountCurrency: 'USD', policyLocator: 'pol-1', policyholderLocator: 'ph-1' },
      ...{ invoiceLocator: 'inv-1', fieldValues: { channel: ['phone'], notes: [] }, mediaByLocator: {} },
      ...{ createdTimestamp: timestamp, updatedTimestamp: timestamp },
    });
    expect(await payments.eventsOf(body.locator)).toMatchObject([
      {
        type: 'payment.created',
        tenantid: tenantId,
        sequence: '0000000001',
        data: { state: 'draft', method: null, channel: 'api', amount: { amountMinor: 2567, amount: '25.67' } },
      },
    ]);
  });

  it('has empty maps and the default currency when nothing else is said', async () => {
    const { body } = await create({ amount: '10' });
    expect(body).toMatchObject({ amount: 10, amountCurrency: 'USD', fieldValues: {}, mediaByLocator: {} });
  });

  it.each([
    ['JPY', 500, 500],
    ['KWD', '1.234', 1.234],
    ['USD', 0.01, 0.01],
  ])('keeps amounts of %s exact: %p', async (amountCurrency, amount, shown) => {
    expect((await create({ amount, amountCurrency })).body).toMatchObject({ amount: shown, amountCurrency });
  });

  it.each(['cash', 'check', 'wire', 'lockbox'])('posts money that is there already: %s', async (method) => {
    const { status, body } = await create({ ...cash, method });
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'posted', method, receivedDate: '2026-01-14', postedTimestamp: timestamp });
    const events = await payments.eventsOf(body.locator);
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['payment.created', '0000000001'],
      ['payment.posted', '0000000002'],
    ]);
    expect(events[1]?.data).toMatchObject({ receivedDate: '2026-01-14', effectiveDate: '2026-01-14', method });
  });
});

describe('POST /payments with capture', () => {
  const charge = (token: string, rest: object = {}) => create({ amount: 12.5, token, capture: true, ...rest });

  it('charges a token within the request', async () => {
    const { status, body } = await charge('tok_visa');
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'posted', method: 'card', postedTimestamp: timestamp });
    expect(payments.sandbox.charges.ofSubject(body.locator)).toHaveLength(1);
  });

  it('charges a stored method', async () => {
    const { body: method } = await api.post<{ id: string }>('/payment-methods', {
      ...{ token: 'tok_visa', policyholderLocator: 'ph-1' },
    });
    const { body } = await create({ amount: 1, paymentMethodId: method.id, capture: true });
    expect(body).toMatchObject({ state: 'posted', paymentMethodId: method.id });
  });

  it('answers a no as a declined payment', async () => {
    const { status, body } = await charge('tok_declined_insufficient');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'declined',
      failure: { code: 'insufficient_funds', category: 'soft', recommendedAction: 'retry_later' },
    });
  });

  it('answers ready while nobody knows, and posts when it is known', async () => {
    const { status, body } = await charge('tok_timeout_approved');
    expect([status, body.state]).toEqual([201, 'ready']);
    await eventually(async () => (await api.get<Shown>(`/payments/${body.locator}`)).body.state === 'posted');
    expect(payments.sandbox.charges.ofSubject(body.locator)).toHaveLength(1);
  });

  it('charges once for one key, and repeats the answer', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await create({ amount: 3, token: 'tok_visa', capture: true }, headers);
    const again = await create({ amount: 3, token: 'tok_visa', capture: true }, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(payments.sandbox.charges.ofSubject(first.body.locator)).toHaveLength(1);
  });

  it('answers 503 and stores nothing when the provider cannot be asked about a token', async () => {
    await payments.sandbox.goDown();
    const { status, body } = await refused({ amount: 4, token: 'tok_visa', capture: true });
    await payments.sandbox.comeBack();
    expect([status, body.code]).toEqual([503, 'provider_unavailable']);
  });
});

describe('POST /payments, refused', () => {
  it('400: everything that is wrong at once, each with its place', async () => {
    const { status, body } = await refused({
      ...{ amount: true, amountCurrency: 'usd', policyLocator: '', invoiceLocator: 'x'.repeat(65) },
      ...{ fieldValues: { a: 'b' }, method: 'barter', receivedDate: '2025-02-30', capture: 'yes', color: 'red' },
    });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect([...new Set(places(body))]).toEqual([
      ...['/amount', '/amountCurrency', '/capture', '/color', '/fieldValues', '/invoiceLocator', '/method'],
      ...['/policyLocator', '/receivedDate'],
    ]);
  });

  it.each([
    ['zero', { amount: 0 }],
    ['negative', { amount: -1 }],
    ['too many decimals', { amount: '1.234' }],
    ['decimals where the currency has none', { amount: 1.5, amountCurrency: 'JPY' }],
    ['no number', { amount: 'ten' }],
    ['more than 2^53 - 1 cents', { amount: '90071992547409.92' }],
    ['absent', {}],
  ])('400 at /amount: %s', async (_name, body) => {
    const answer = await refused(body);
    expect(answer.status).toBe(400);
    expect(places(answer.body)).toContain('/amount');
  });

  it("400 at /amount, by the tenant's currency where none is named", async () => {
    const yen = await payments.api(newId(), { currency: 'JPY' });
    const answer = await yen.post<Problem>('/payments', { amount: 1.5 });
    expect([answer.status, answer.body.errors]).toEqual([400, [{ pointer: '/amount', detail: 'JPY has 0 decimals' }]]);
  });

  it.each([
    ['an unknown currency', { amount: 1, amountCurrency: 'XQQ' }, 400],
    ['no JSON', '{"amount":', 400],
    ['an array', [], 400],
  ])('%s', async (_name, body, expected) => {
    expect((await refused(body)).status).toBe(expected);
  });

  it.each([
    ['a method without its date', { amount: 1, method: 'cash' }, '/receivedDate'],
    ['a date without its method', { amount: 1, receivedDate: '2026-01-14' }, '/receivedDate'],
    ['offline money to be captured', { ...cash, capture: true }, '/capture'],
    ['two ways to pay', { ...cash, token: 'tok_visa' }, '/method'],
    ['a capture of nothing', { amount: 1, capture: true }, '/capture'],
    ['an unknown token', { amount: 1, token: 'tok_nobody', capture: true }, '/token'],
    ['money that comes tomorrow', { ...cash, receivedDate: tomorrow }, '/receivedDate'],
    ['an unknown method', { amount: 1, paymentMethodId: newId(), capture: true }, '/paymentMethodId'],
    ['a method that is no id', { amount: 1, paymentMethodId: 'visa', capture: true }, '/paymentMethodId'],
  ])('422: %s', async (_name, body, pointer) => {
    const answer = await refused(body);
    expect(answer.status).toBe(422);
    expect(places(answer.body)).toEqual([pointer]);
  });

  it('401 without a token, 403 without the scope, 415 for another content type', async () => {
    const { url = '' } = payments.service;
    expect((await fetch(`${url}/payments`, { method: 'POST' })).status).toBe(401);
    const reader = await payments.api(tenantId, { granted: ['payments:read'] });
    expect((await reader.post('/payments', { amount: 1 })).status).toBe(403);
    expect((await api.post('/payments', 'amount=1', { 'content-type': 'text/plain' })).status).toBe(415);
  });
});

describe('Idempotency-Key', () => {
  it('makes one payment of 50 parallel requests, and answers all alike', async () => {
    const headers = { 'idempotency-key': newId() };
    const policyLocator = `race-${newId()}`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (;;) {
          const answer = await create({ amount: 5, policyLocator }, headers);
          if (answer.status !== 409) return answer;
        }
      }),
    );
    expect(new Set(answers.map(({ body }) => body.locator)).size).toBe(1);
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(answers.filter(({ headers: got }) => got.get('idempotent-replayed') === null)).toHaveLength(1);
    const { body } = await api.get<{ payments: Shown[] }>(`/payments?policyLocator=${policyLocator}`);
    expect(body.payments).toHaveLength(1);
  });

  it('422 for the same key with another request', async () => {
    const headers = { 'idempotency-key': newId() };
    await create({ amount: 5 }, headers);
    const { status, body } = await api.post<Problem>('/payments', { amount: 6 }, headers);
    expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('reverses once', async () => {
    const { body: posted } = await create(cash);
    const headers = { 'idempotency-key': newId() };
    const path = `/payments/${posted.locator}/reverse`;
    const first = await api.post(path, undefined, headers);
    const again = await api.post(path, undefined, headers);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
    expect(await payments.eventsOf(posted.locator)).toHaveLength(3);
  });
});

describe('POST /payments/{locator}/reverse', () => {
  it('shows a posted payment as returned, with the only field that a reversal sets', async () => {
    const { body: posted } = await create(cash);
    const reason = { name: 'keyed twice', details: 'same cheque' };
    const { status, body } = await api.post(`/payments/${posted.locator}/reverse`, reason);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...posted,
      ...{ state: 'returned', reversedTimestamp: timestamp, updatedTimestamp: timestamp },
    });
    const events = await payments.eventsOf(posted.locator);
    expect(events.at(-1)).toMatchObject({
      type: 'payment.reversed',
      sequence: '0000000003',
      data: { state: 'returned', reversal: { reason: 'entered_in_error', ...reason } },
    });
  });

  it.each([
    ['a draft', { amount: 1 }, ['ready', 'discard']],
    ['a declined payment', { amount: 1, token: 'tok_declined_stolen', capture: true }, []],
  ])('409 for %s, and says what is allowed', async (_name, body, allowedActions) => {
    const { body: payment } = await create(body);
    const answer = await api.post<Problem>(`/payments/${payment.locator}/reverse`);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'invalid_transition', allowedActions });
  });

  it('409 the second time; two at once reverse once', async () => {
    const { body: posted } = await create(cash);
    const answers = await Promise.all([1, 2, 3].map(() => api.post(`/payments/${posted.locator}/reverse`, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('400 for an unknown field, 404 for an unknown payment', async () => {
    const { body: posted } = await create(cash);
    const answer = await api.post<Problem>(`/payments/${posted.locator}/reverse`, { reason: 'x' });
    expect([answer.status, places(answer.body)]).toEqual([400, ['/reason']]);
    expect((await api.post(`/payments/${newId()}/reverse`)).status).toBe(404);
  });
});

describe('another tenant', () => {
  it('cannot tell our payment from one that does not exist', async () => {
    const { body: posted } = await create(cash);
    const stranger = await payments.api(newId());
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/reverse'],
    ] as const) {
      const ours = await stranger.send<Problem>(method, `/payments/${posted.locator}${path}`);
      const nobodys = await stranger.send<Problem>(method, `/payments/${newId()}${path}`);
      expect([ours.status, ours.body.code]).toEqual([404, 'not_found']);
      expect([nobodys.status, nobodys.body.code]).toEqual([404, 'not_found']);
    }
    expect((await stranger.get('/payments/not-an-id')).status).toBe(404);
    expect((await stranger.get<{ payments: unknown[] }>('/payments')).body.payments).toEqual([]);
  });
});
