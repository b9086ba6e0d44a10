import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing, PolicyAnswer } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
let tenantId: string;

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

interface Invoice {
  locator: string;
  state: string;
  allocated: string;
  writtenOff: string;
  balance: string;
}
interface WriteOff {
  id: string;
  state: string;
  amount: string;
  cause: string;
}
interface Problem {
  code: string;
  errors?: { pointer: string }[];
}

/** 100.00 in one invoice: 10.00 tax and 90.00 premium. */
async function owed() {
  const charges = [
    { category: 'premium', amount: '90.00' },
    { category: 'tax', amount: '10.00' },
  ];
  const { policy, schedule } = await issue(api, { plan: 'full-pay', charges });
  return { policy, first: schedule.instalments[0]!, invoice: await invoiceOf(policy) };
}
const invoiceOf = async ({ locator }: PolicyAnswer) =>
  (await api.get<{ invoices: Invoice[] }>(`/invoices?policyLocator=${locator}`)).body.invoices[0]!;
const again = async ({ locator }: Invoice) => (await api.get<Invoice>(`/invoices/${locator}`)).body;
const writeOff = (invoice: Invoice, said: object = {}) =>
  api.post<WriteOff & Problem>('/write-offs', { invoiceLocator: invoice.locator, reason: 'gone', ...said });
const typesAbout = async (id: string) => (await billing.eventsAbout(id)).map(({ type }) => type);

async function pay(minor: number, policy: PolicyAnswer) {
  const data = paymentData(minor, { policyLocator: policy.locator });
  await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
  await eventually(
    async () => (await billing.sql('SELECT FROM received_payments WHERE locator = $1', [data.locator])).length === 1,
  );
  return data;
}

describe('POST /write-offs', () => {
  it('of all that is owed: nobody asks for it any more', async () => {
    const { policy, first, invoice } = await owed();
    const { status, body } = await writeOff(invoice);
    expect([status, body]).toMatchObject([
      201,
      {
        ...{ invoiceLocator: invoice.locator, state: 'standing', cause: 'manual', amount: '100.00', reason: 'gone' },
        items: [
          { itemNo: 1, amount: '90.00' },
          { itemNo: 2, amount: '10.00' },
        ],
      },
    ]);
    expect(await again(invoice)).toMatchObject({ state: 'uncollectible', writtenOff: '100.00', balance: '0.00' });
    const { instalments, state, paidThrough } = await scheduleOf(api, policy.scheduleId);
    expect([instalments[0]?.state, state, paidThrough]).toEqual(['written_off', 'completed', null]);
    expect(await billing.said('write_off.created', body.id)).toMatchObject({
      data: { amount: { amount: '100.00' }, balance: { amountMinor: 0 }, items: [{ category: 'premium' }, {}] },
    });
    expect((await typesAbout(invoice.locator)).at(-1)).toBe('invoice.uncollectible');
    expect((await typesAbout(first.id)).at(-1)).toBe('instalment.written_off');
  });

  it('of an amount leaves the rest owed, and a payment of the rest settles it', async () => {
    const { policy, invoice } = await owed();
    expect((await writeOff(invoice, { amount: '40.00' })).body).toMatchObject({
      items: [{ amount: '36.00' }, { amount: '4.00' }],
    });
    expect(await again(invoice)).toMatchObject({ state: 'open', writtenOff: '40.00', balance: '60.00' });
    await pay(6000, policy);
    expect(await again(invoice)).toMatchObject({ state: 'paid', allocated: '60.00', balance: '0.00' });
  });

  it('of items, after a part was paid', async () => {
    const { policy, invoice } = await owed();
    await pay(5000, policy);
    await writeOff(invoice, { items: [{ itemNo: 2, amount: 5 }] });
    expect(await again(invoice)).toMatchObject({ state: 'partially_paid', writtenOff: '5.00', balance: '45.00' });
    expect((await writeOff(invoice)).body.amount).toBe('45.00');
    expect(await again(invoice)).toMatchObject({ state: 'uncollectible', allocated: '50.00', balance: '0.00' });
  });

  it.each([
    [{ amount: '100.01' }, 422, '/amount'],
    [{ amount: '0' }, 400, '/amount'],
    [{ amount: '1.001' }, 400, '/amount'],
    [{ items: [{ itemNo: 3, amount: 1 }] }, 422, '/items/0/itemNo'],
    [{ items: [{ itemNo: 2, amount: '10.01' }] }, 422, '/items/0/amount'],
    [{ items: [{ itemNo: 1, amount: 1 }], amount: 1 }, 400, '/items'],
    [{ reason: '' }, 400, '/reason'],
    [{ invoiceLocator: newId() }, 422, '/invoiceLocator'],
  ])('refuses %j', async (said, status, pointer) => {
    const { invoice } = await owed();
    const answer = await writeOff(invoice, said);
    expect([answer.status, answer.body.errors?.map((each) => each.pointer)]).toEqual([status, [pointer]]);
    expect(await again(invoice)).toEqual(invoice);
  });

  it('refuses what is paid, and what is gone already', async () => {
    const { policy, invoice } = await owed();
    await writeOff(invoice);
    expect((await writeOff(invoice)).status).toBe(422);
    const other = await owed();
    await pay(10_000, other.policy);
    expect((await writeOff(other.invoice)).status).toBe(422);
    expect(policy.locator).not.toBe(other.policy.locator);
  });

  it("knows nothing of another tenant's", async () => {
    const { invoice } = await owed();
    const { body } = await writeOff(invoice);
    const stranger = await billing.api(newId());
    const foreign = await stranger.post('/write-offs', { invoiceLocator: invoice.locator, reason: 'x' });
    expect([foreign.status, (await stranger.get(`/write-offs/${body.id}`)).status]).toEqual([422, 404]);
    expect((await stranger.post(`/write-offs/${body.id}/reverse`)).status).toBe(404);
    expect((await stranger.get('/write-offs')).body).toEqual({ items: [], nextCursor: null });
    const reader = await billing.api(tenantId, ['billing:read']);
    expect((await reader.post('/write-offs', {})).status).toBe(403);
    expect((await reader.get(`/write-offs?invoiceLocator=${invoice.locator}&state=standing`)).body).toMatchObject({
      items: [{ id: body.id }],
    });
  });
});

describe('POST /write-offs/{id}/reverse', () => {
  it('makes it owed again, once', async () => {
    const { policy, first, invoice } = await owed();
    await pay(4000, policy);
    const { body } = await writeOff(invoice);
    const answers = await Promise.all([1, 2].map(() => api.post<WriteOff>(`/write-offs/${body.id}/reverse`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await again(invoice)).toMatchObject({ state: 'partially_paid', writtenOff: '0.00', balance: '60.00' });
    expect((await scheduleOf(api, policy.scheduleId)).state).toBe('active');
    expect(await billing.said('write_off.reversed', body.id)).toMatchObject({ sequence: '0000000002' });
    expect((await typesAbout(invoice.locator)).at(-1)).toBe('invoice.reopened');
    expect((await typesAbout(first.id)).at(-1)).toBe('instalment.billed');
    await pay(6000, policy);
    expect(await again(invoice)).toMatchObject({ state: 'paid', balance: '0.00' });
  });
});

describe('S-72: a tolerance of 1.00', () => {
  const tolerate = (amount: string) =>
    api.send('PUT', '/billing-settings', { body: { shortfallTolerances: [{ currency: 'USD', amount }] } });

  it.each([
    [9950, '1.00', 'paid', '0.50', '0.00'],
    [9950, '0.40', 'partially_paid', '0.00', '0.50'],
    [9900, '1.00', 'paid', '1.00', '0.00'],
    [9899, '1.00', 'partially_paid', '0.00', '1.01'],
  ])('%d cents of 100.00 with tolerance %s: %s', async (minor, tolerance, state, writtenOff, balance) => {
    await tolerate(tolerance);
    const { policy, first, invoice } = await owed();
    await pay(minor, policy);
    expect(await again(invoice)).toMatchObject({ state, writtenOff, balance });
    const said = (await billing.eventsOf(tenantId)).filter(({ type }) => type === 'shortfall.forgiven');
    expect(said.map(({ data }) => (data as { amount: { amount: string } }).amount.amount)).toEqual(
      writtenOff === '0.00' ? [] : [writtenOff],
    );
    const { paidThrough } = await scheduleOf(api, policy.scheduleId);
    expect(paidThrough).toBe(state === 'paid' ? first.periodEnd : null);
  });

  it('forgives nothing any more when the payment is taken back', async () => {
    await tolerate('1.00');
    const { policy, invoice } = await owed();
    const payment = await pay(9950, policy);
    const { body } = await api.get<{ items: WriteOff[] }>(`/write-offs?invoiceLocator=${invoice.locator}`);
    expect(body.items).toMatchObject([{ state: 'standing', cause: 'tolerance', amount: '0.50' }]);
    const data = { ...payment, amountReversed: payment.amount };
    await billing.publish(eventOf({ type: 'payment.reversed', tenantId, subject: payment.locator, sequence: 2, data }));
    await eventually(async () => (await again(invoice)).state === 'open');
    expect(await again(invoice)).toMatchObject({ writtenOff: '0.00', balance: '100.00' });
    expect(await billing.said('write_off.reversed', body.items[0]!.id)).toMatchObject({ sequence: '0000000002' });
  });
});
