import { sampleOf } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { addMonths } from '../domain/calendar.ts';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { desk, inDays, linkOf, path, sweepAll } from '../testing/payment-links/harness.itest.ts';
import type { LinkData, Shown } from '../testing/payment-links/harness.itest.ts';

let billing: Billing;
let tenantId: string;
let api: Api;
let at: ReturnType<typeof desk>;

beforeAll(async () => {
  // The worker is as good as off: what is billed here is billed by a request.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
beforeEach(async () => {
  tenantId = newId();
  api = await billing.api(tenantId);
  at = desk(billing, tenantId, api);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const today = () => new Date().toISOString().slice(0, 10);
const owners = { employer_id: 'E-1', carrier_id: 'C-1', policy_id: 'P-1' };
const customer = { name: 'Smith Industries', email: 'pay@smith.example' };
const body = { ...owners, amount_cents: 75_000, customer };

describe('POST /api/v1/subscriptions', () => {
  it('answers 201, and bills the first period at once: an invoice to be paid by a link', async () => {
    const { status, body: made } = await api.post<Shown & { created_at: string }>(path, body);
    expect({ status, made }).toEqual({
      status: 201,
      made: {
        ...{ ...owners, id: expect.any(String) as string, status: 'active', amount_cents: 75_000, currency: 'USD' },
        ...{ interval: 'monthly', collected_count: 0, next_charge_date: addMonths(today(), 1), customer },
        created_at: expect.any(String) as string,
      },
    });
    expect(await at.get(made.id)).toEqual(made);
    const [created, due] = await billing.eventsAbout(made.id);
    expect(created).toMatchObject({ type: 'subscription.created', data: { status: 'incomplete' } });
    expect(due).toMatchObject({
      ...{ type: 'subscription.due', sequence: '0000000002' },
      data: {
        ...{ collection: 'invoice', number: 1, attempt: 1, dueOn: today(), periodStart: today() },
        ...{ periodEnd: addMonths(today(), 1), balance: { amount: '750.00' } },
        ...{ policyLocator: 'P-1', policyholderLocator: 'E-1' },
      },
    });
    const { invoiceLocator } = await at.lastDue(made.id);
    expect((await api.get(`/invoices/${invoiceLocator}`)).body).toMatchObject({
      ...{ type: 'subscription', subscriptionId: made.id, state: 'open', total: '750.00', dueOn: today() },
      items: [{ category: 'premium', amount: '750.00' }],
    });
    const said = JSON.stringify(await billing.eventsOf(tenantId));
    expect(['Smith', 'smith.example'].filter((secret) => said.includes(secret))).toEqual([]);
  });

  it('by the quarter, and of a policy that is known on that policy', async () => {
    const { policy } = await issue(api, { timeZone: 'America/New_York' });
    const { body: made } = await api.post<Shown>(path, { ...body, policy_id: policy.locator, interval: 'quarterly' });
    const due = await at.lastDue(made.id);
    expect(due).toMatchObject({ policyholderLocator: 'PH-1001', periodEnd: addMonths(due.periodStart, 3) });
    const { body: page } = await api.get<{ invoices: { type: string }[] }>(`/invoices?policyLocator=${policy.locator}`);
    expect(page.invoices.map(({ type }) => type)).toContain('subscription');
  });

  it.each([
    [{ amount_cents: 750.5 }, '/amount_cents'],
    [{ amount_cents: 0 }, '/amount_cents'],
    [{ amount_cents: '75000' }, '/amount_cents'],
    [{ amount_cents: 2 ** 53 }, '/amount_cents'],
    [{ interval: 'weekly' }, '/interval'],
    [{ policy_id: '' }, '/policy_id'],
    [{ employer_id: 'x'.repeat(65) }, '/employer_id'],
    [{ carrier_id: 7 }, '/carrier_id'],
    [{ customer: undefined }, '/customer'],
    [{ customer: { name: 'Smith' } }, '/customer/email'],
    [{ customer: { ...customer, phone: '1' } }, '/customer/phone'],
    [{ count: 10 }, '/count'],
  ])('refuses what is wrong with 400, and stores nothing (%#)', async (wrong, pointer) => {
    const answer = await api.post<{ errors: { pointer: string }[] }>(path, { ...body, ...wrong });
    expect([answer.status, ...new Set(answer.body.errors.map((error) => error.pointer))]).toEqual([400, pointer]);
    expect((await at.list()).total).toBe(0);
  });

  it('reads what curl sends when it is told nothing else, there and nowhere else', async () => {
    const text = JSON.stringify(body);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = async (to: string) => (await api.post(to, text, form)).status;
    expect([await sent(path), await sent('/policies')]).toEqual([201, 415]);
  });

  it('makes one for one Idempotency-Key, and asks for a scope', async () => {
    const once = () => api.post<Shown>(path, body, { 'idempotency-key': 'one' });
    const [first, again] = [await once(), await once()];
    expect([again.body.id, again.headers.get('idempotent-replayed')]).toEqual([first.body.id, 'true']);
    expect((await at.list()).total).toBe(1);
    expect((await (await billing.api(tenantId, ['billing:read'])).post(path, body)).status).toBe(403);
  });
});

describe('payment_link.completed', () => {
  it('S-12: with a plan starts its subscription, the first charge one interval after', async () => {
    const { linkId, completed } = linkOf(tenantId);
    await billing.publish(completed);
    const subscription = await at.startedBy(linkId);
    expect(subscription).toEqual({
      ...{ id: expect.any(String) as string, status: 'active', amount_cents: 75_000, currency: 'USD', count: 10 },
      ...{ interval: 'monthly', collected_count: 0, next_charge_date: '2025-02-28', customer: {} },
      ...{ employer_id: '681xyz789abc123456789012', carrier_id: '680abc456def789012345678' },
      ...{ policy_id: '682def789ghi012345678901', payment_link_id: linkId },
      payment_method_id: sampleOf('payment_link.completed').paymentMethodId,
      created_at: expect.any(String) as string,
    });
    expect(await billing.eventsAbout(subscription.id)).toMatchObject([
      {
        ...{ type: 'subscription.created', sequence: '0000000001', causationid: completed.id },
        data: { linkId, status: 'active', amount: { amount: '750.00' }, nextChargeDate: '2025-02-28', count: 10 },
      },
    ]);
    expect(await at.get(subscription.id)).toEqual(subscription);
  });

  it('S-98: told five times, and by other events, starts one', async () => {
    const { linkId, completed } = linkOf(tenantId);
    const again = { ...completed, id: newId() };
    await billing.publish(completed, completed, completed, completed, completed, again);
    await at.start();
    const { total, data } = await at.list();
    expect(total).toBe(2);
    expect(data.filter((each) => each.payment_link_id === linkId)).toHaveLength(1);
  });

  it('without a plan starts none', async () => {
    const { completed } = linkOf(tenantId);
    const plain = Object.fromEntries(Object.entries(completed.data).filter(([name]) => !name.endsWith('Plan')));
    await billing.publish({ ...completed, data: plain as unknown as LinkData });
    await at.start();
    expect((await at.list()).total).toBe(1);
  });

  it.each([
    ['Europe/Helsinki', '2025-03-01'],
    ['America/New_York', '2025-02-28'],
  ])('counts from the date in %s of a policy that is known: %s', async (timeZone, next) => {
    const { policy } = await issue(api, { timeZone });
    expect((await at.start({ policyId: policy.locator })).next_charge_date).toBe(next);
  });
});

describe('GET /api/v1/subscriptions', () => {
  it('filters, and numbers its pages', async () => {
    for (const said of [{}, { carrierId: 'other' }, { employerId: 'other', policyId: 'POL-2' }]) await at.start(said);
    const totals = ['', '?carrier_id=other', '?employer_id=other', '?policy_id=POL-2', '?status=cancelled'];
    expect(await Promise.all(totals.map(async (query) => (await at.list(query)).total))).toEqual([3, 1, 1, 1, 0]);
    const [first, second] = [await at.list('?limit=2'), await at.list('?limit=2&page=2&status=active')];
    expect([first.data.length, second.data.length]).toEqual([2, 1]);
    expect(second).toMatchObject({ page: 2, limit: 2, total: 3 });
    expect((await api.get(`${path}?status=paused`)).status).toBe(400);
    expect((await api.get(`${path}?limit=101`)).status).toBe(400);
    expect((await api.get(`${path}?colour=red`)).status).toBe(400);
  });
});

describe('a subscription in the hands of a person', () => {
  it('is cancelled once', async () => {
    const { id } = await at.start();
    expect(await api.send('DELETE', `${path}/${id}`)).toMatchObject({
      status: 200,
      body: { id, status: 'cancelled', next_charge_date: null },
    });
    expect(await api.send('DELETE', `${path}/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', allowedActions: [] },
    });
    expect(await at.typesOf(id)).toEqual(['created', 'cancelled']);
  });

  it('is paused, shown active without a next charge, and resumed with the first date that has not passed', async () => {
    const { id } = await at.start();
    const paused = await api.post<Shown>(`${path}/${id}/pause`);
    expect(paused).toMatchObject({ status: 200, body: { status: 'active', next_charge_date: null } });
    expect((await api.post(`${path}/${id}/pause`)).body).toMatchObject({ allowedActions: ['resume', 'cancel'] });
    const resumed = await api.post<Shown>(`${path}/${id}/resume`);
    expect(resumed.status).toBe(200);
    expect(resumed.body.next_charge_date! >= today()).toBe(true);
    expect(await at.typesOf(id)).toEqual(['created', 'paused', 'resumed']);
  });

  it('gets another method, for the next charge', async () => {
    const { id } = await at.start();
    const change = (methodId: string) =>
      api.send<Shown>('PUT', `${path}/${id}/payment-method`, { body: { payment_method_id: methodId } });
    const methodId = newId();
    expect(await change(methodId)).toMatchObject({ status: 200, body: { payment_method_id: methodId } });
    expect(await change('no id')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/payment_method_id' }] } });
    await sweepAll(billing, new Date('2025-02-28T12:00:00Z'));
    expect(await at.lastDue(id)).toMatchObject({ collection: 'automatic', paymentMethodId: methodId });
    await api.send('DELETE', `${path}/${id}`);
    expect((await change(newId())).status).toBe(409);
  });

  it("is nothing that another tenant's hand can touch", async () => {
    const { id } = await at.start();
    const stranger = await billing.api(newId());
    const answers = [
      await stranger.get(`${path}/${id}`),
      await stranger.send('DELETE', `${path}/${id}`),
      await stranger.post(`${path}/${id}/pause`),
      await stranger.post(`${path}/${id}/resume`),
      await stranger.send('PUT', `${path}/${id}/payment-method`, { body: { payment_method_id: newId() } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await at.list()).data).toMatchObject([{ id, status: 'active' }]);
  });
});

describe('payment_link.refunded', () => {
  it('S-102: cancels the subscription of which nothing was collected', async () => {
    const { linkId, completed, refunded } = linkOf(tenantId);
    await billing.publish(completed, refunded);
    const { id } = await at.startedBy(linkId);
    await billing.said('subscription.cancelled', id);
    expect((await at.list()).data).toMatchObject([{ status: 'cancelled', next_charge_date: null }]);
  });

  it('S-102: leaves it to a person where something was', async () => {
    const { linkId, completed, refunded } = linkOf(tenantId, { completedTimestamp: new Date().toISOString() });
    await billing.publish(completed);
    const { id } = await at.startedBy(linkId);
    await sweepAll(billing, inDays(32));
    await billing.publish(at.posted(await at.lastDue(id)));
    await at.collectedIs(id, 1);
    await billing.publish(refunded);
    await eventually(async () => (await at.get(id)).review_reason === 'down_payment_refunded');
    expect(await at.get(id)).toMatchObject({ status: 'active', collected_count: 1 });
  });
});
