import { sampleOf } from '@quittance/events/catalogue';
import type { EventData } from '@quittance/events/catalogue';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { DisbursementConsumer } from '../consumers/disbursement.consumer.ts';
import { eventOf, issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import type { Disbursed } from '../withdrawals/withdrawal.ts';

let billing: Billing;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  tenantId = newId();
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface Answer {
  id: string;
  state: string;
  code: string;
  errors: { pointer: string; detail: string }[];
}
type Outcome = 'disbursement.executed' | 'disbursement.failed' | 'disbursement.voided';

const keyed = () => ({ 'idempotency-key': newId() });
const ask = (body: Record<string, unknown>) =>
  api.post<Answer>('/disbursement-requests', { currency: 'USD', payeeType: 'insured', ...body }, keyed());
const requestOf = (id: string) => api.get<Answer>(`/disbursement-requests/${id}`);
const becomes = (id: string, state: string) =>
  eventually(async () => {
    expect((await requestOf(id)).body.state).toBe(state);
    return true;
  });

/** A payment that leaves its rest with a policy, and waits until it is here. */
async function paid(minor: number, said: Partial<EventData<'payment.posted'>>) {
  const data = paymentData(minor, said);
  await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
  await eventually(async () => (await partsOf(data.locator)).length > 0);
  return data;
}

/** allocated, unapplied, suspended, disbursed, returned */
async function partsOf(locator: string): Promise<number[]> {
  const [row] = await billing.sql<{ parts: string[] }>(
    `SELECT ARRAY[allocated_minor, unapplied_minor, suspended_minor, disbursed_minor, returned_minor]::text[] AS parts
       FROM received_payments WHERE locator = $1`,
    [locator],
  );
  return (row?.parts ?? []).map(Number);
}

const said = (type: Outcome, requestId: string, { id = newId(), sequence = 1 } = {}) =>
  eventOf({
    ...{ type, tenantId, subject: id, sequence },
    data: { ...sampleOf(type), disbursementId: id, requestId },
  });

/** 25.67 of an instalment and 20.00 more, the policy's. */
async function overpaid() {
  const { policy } = await issue(api);
  const payment = await paid(4567, { policyLocator: policy.locator });
  return { policy, payment, from: { source: 'unapplied', owner: { type: 'policy', locator: policy.locator } } };
}

describe('POST /disbursement-requests', () => {
  it('sets unapplied money aside and asks payments to pay it', async () => {
    const { policy, payment, from } = await overpaid();
    const { status, body } = await ask({ ...from, amount: '15.00', method: 'check', reason: 'Overpaid' });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        ...{ id: expect.any(String) as string, state: 'requested', ...from, amount: '15.00', currency: 'USD' },
        ...{ payeeType: 'insured', method: 'check', reason: 'Overpaid', createdAt: expect.any(String) as string },
      },
    });
    expect(await partsOf(payment.locator)).toEqual([2567, 500, 0, 1500, 0]);
    const events = await billing.eventsAbout(body.id);
    expect(events).toMatchObject([
      {
        ...{ type: 'disbursement_request.created', sequence: '0000000001' },
        data: {
          ...{ requestId: body.id, payeeType: 'insured', policyLocator: policy.locator, amount: usd(1500) },
          ...{ source: { type: 'unapplied' }, method: 'check', reason: 'Overpaid' },
        },
      },
    ]);
    expect((await requestOf(body.id)).body).toEqual(body);
    expect((await api.get('/disbursement-requests?state=requested')).body).toEqual({ items: [body], nextCursor: null });
    expect((await api.get('/disbursement-requests?state=executed')).body).toEqual({ items: [], nextCursor: null });
  });

  it('takes the oldest payments first, and no more than there is', async () => {
    const { payment, from } = await overpaid();
    const later = await paid(1000, { policyLocator: from.owner.locator });
    const tooMuch = await ask({ ...from, amount: '30.01' });
    expect(tooMuch).toMatchObject({
      status: 422,
      body: {
        code: 'funds_not_available',
        errors: [{ pointer: '/amount', detail: 'only 30.00 USD can be paid out' }],
      },
    });
    expect((await ask({ ...from, amount: 25 })).status).toBe(201);
    expect([await partsOf(payment.locator), await partsOf(later.locator)]).toEqual([
      [2567, 0, 0, 2000, 0],
      [0, 500, 0, 500, 0],
    ]);
  });

  it('pays out nothing that a hold keeps here, until it is released', async () => {
    const { payment, from } = await overpaid();
    const terms = { scope: { policyLocator: from.owner.locator }, targets: ['disbursement'], reason: 'Complaint' };
    const { body: hold } = await api.post<{ id: string }>('/holds', { ...terms, startsOn: '2025-01-01' });
    expect(await ask({ ...from, amount: '6.00' })).toMatchObject({
      status: 422,
      body: { code: 'funds_not_available', errors: [{ pointer: '/owner/locator' }] },
    });
    expect(await partsOf(payment.locator)).toEqual([2567, 2000, 0, 0, 0]);
    expect((await api.post(`/holds/${hold.id}/release`, {})).status).toBe(200);
    expect((await ask({ ...from, amount: '6.00' })).status).toBe(201);
  });

  it('of many at once pays out only what is there', async () => {
    const { payment, from } = await overpaid();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ ...from, amount: '6.00' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array<number>(7).fill(422)]);
    expect(await partsOf(payment.locator)).toEqual([2567, 200, 0, 1800, 0]);
  });

  it('takes a part of suspense, whose rest is a new item', async () => {
    const payment = await paid(500, { policyLocator: 'POL-9' });
    const [item] = await billing.sql<{ id: string }>('SELECT id FROM suspense_items WHERE payment_locator = $1', [
      payment.locator,
    ]);
    const from = { source: 'suspense', suspenseId: item!.id, payeeType: 'third_party' };
    const { status, body } = await ask({ ...from, amount: '2.00' });
    expect({ status, body }).toMatchObject({ status: 201, body: { suspenseId: item!.id } });
    expect(await partsOf(payment.locator)).toEqual([0, 0, 300, 200, 0]);
    expect(await ask({ ...from, amount: '2.00' })).toMatchObject({
      status: 422,
      body: { code: 'funds_not_available', errors: [{ pointer: '/suspenseId' }] },
    });
    await billing.publish(said('disbursement.failed', body.id));
    await becomes(body.id, 'returned');
    expect(await partsOf(payment.locator)).toEqual([0, 0, 500, 0, 0]);
    const items = await billing.sql(
      'SELECT state, amount_minor FROM suspense_items WHERE payment_locator = $1 ORDER BY id',
      [payment.locator],
    );
    expect(items).toEqual([
      { state: 'returned', amount_minor: '500' },
      { state: 'open', amount_minor: '300' },
      { state: 'open', amount_minor: '200' },
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no owner', { source: 'unapplied', amount: '1.00' }, '/owner'],
    [
      'an owner without a locator',
      { source: 'unapplied', owner: { type: 'policy' }, amount: '1.00' },
      '/owner/locator',
    ],
    ['no item of suspense', { source: 'suspense', amount: '1.00' }, '/suspenseId'],
    ['no such source', { source: 'thin_air', amount: '1.00' }, '/source'],
    ['nothing', { source: 'suspense', suspenseId: newId(), amount: '0.00' }, '/amount'],
    ['half a cent', { source: 'suspense', suspenseId: newId(), amount: '0.005' }, '/amount'],
  ])('refuses %s, and says where', async (_name, body, pointer) => {
    const { status, body: problem } = await ask(body);
    expect([status, new Set(problem.errors.map((error) => error.pointer))]).toEqual([400, new Set([pointer])]);
  });

  it('needs a key, and answers the same key once', async () => {
    const { from } = await overpaid();
    const body = { ...from, amount: '5.00', currency: 'USD', payeeType: 'insured' };
    expect(await api.post('/disbursement-requests', body)).toMatchObject({ status: 400 });
    const key = keyed();
    const [one, two] = [
      await api.post<Answer>('/disbursement-requests', body, key),
      await api.post<Answer>('/disbursement-requests', body, key),
    ];
    expect(two.body).toEqual(one.body);
  });

  it("has nothing of another tenant's", async () => {
    const { from } = await overpaid();
    const { body } = await ask({ ...from, amount: '5.00' });
    api = await billing.api(newId());
    expect((await requestOf(body.id)).status).toBe(404);
    expect(await ask({ ...from, amount: '5.00' })).toMatchObject({
      status: 422,
      body: { code: 'funds_not_available' },
    });
  });
});

describe('what becomes of a request', () => {
  it('executed: the money is spent; voided: it is back where it came from', async () => {
    const { payment, from } = await overpaid();
    const { body } = await ask({ ...from, amount: '20.00' });
    const id = newId();
    await billing.publish(said('disbursement.executed', body.id, { id }));
    await becomes(body.id, 'executed');
    expect(await partsOf(payment.locator)).toEqual([2567, 0, 0, 2000, 0]);
    const voided = said('disbursement.voided', body.id, { id, sequence: 2 });
    await billing.publish(voided, voided);
    await becomes(body.id, 'returned');
    expect(await partsOf(payment.locator)).toEqual([2567, 2000, 0, 0, 0]);
    const types = (await billing.eventsAbout(body.id)).map(({ type }) => type);
    expect(types).toEqual(['disbursement_request.created', 'disbursement_request.returned']);
  });

  it('executed and voided in one batch: it goes back once', async () => {
    const { payment, from } = await overpaid();
    const { body } = await ask({ ...from, amount: '20.00' });
    const id = newId();
    const executed = said('disbursement.executed', body.id, { id });
    const voided = said('disbursement.voided', body.id, { id, sequence: 2 });
    const { app } = billing.service;
    const consumer = app.get(DisbursementConsumer, { strict: false });
    await app.get(Database).tx((tx) => consumer.handle([executed, voided] as Disbursed[], tx));
    expect(await partsOf(payment.locator)).toEqual([2567, 2000, 0, 0, 0]);
  });

  it('S-92: returned after 20.00 was paid out: the invoice is open again, and 20.00 is owed beside it', async () => {
    const { policy } = await issue(api, { charges: [{ category: 'premium', amount: '1200.00' }] });
    const payment = await paid(12_000, { policyLocator: policy.locator });
    const from = { source: 'unapplied', owner: { type: 'policy', locator: policy.locator } };
    const { body } = await ask({ ...from, amount: '20.00' });
    await billing.publish(said('disbursement.executed', body.id));
    await becomes(body.id, 'executed');
    const returned = eventOf({
      ...{ type: 'payment.returned', tenantId, subject: payment.locator, sequence: 2 },
      data: { ...payment, return: { scheme: 'ach', code: 'R01', pejorative: true, returnedDate: '2025-03-04' } },
    });
    await billing.publish(returned);
    await eventually(async () => {
      expect(await partsOf(payment.locator)).toEqual([0, 0, 0, 2000, 10_000]);
      return true;
    });
    const { body: page } = await api.get<{ invoices: object[] }>(`/invoices?policyLocator=${policy.locator}`);
    expect(page.invoices).toMatchObject([{ balance: '100.00', state: 'open' }]);
    const owed = (await billing.eventsOf(tenantId)).find(({ type }) => type === 'shortfall.opened');
    expect(owed?.data).toMatchObject({ amount: usd(2000), cause: 'return', policyLocator: policy.locator });
    expect((await requestOf(body.id)).body.state).toBe('executed');
  });

  it('that was paid after its money went back, or never was made, is a dead letter', async () => {
    const { from } = await overpaid();
    const { body } = await ask({ ...from, amount: '20.00' });
    const unknown = newId();
    const id = newId();
    await billing.publish(
      said('disbursement.failed', body.id, { id }),
      said('disbursement.executed', body.id, { id, sequence: 2 }),
      said('disbursement.executed', unknown),
    );
    const reasons = await eventually(async () => {
      const found = (await billing.deadLetters()).map(({ reason }) => reason);
      return found.length === 2 ? found : null;
    });
    expect(reasons.sort()).toEqual([
      `disbursement request ${unknown} was never made here`,
      'invalid_transition: A disbursement request that is returned cannot execute.',
    ]);
  });
});
