import { randomUUID } from 'node:crypto';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { billingEvent, startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import type { PaymentLinkDto } from './payment-link.dto.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments({ PAYMENT_LINK_SWEEP_MS: '20' });
});
afterAll(() => payments?.stop());

const tenantId = randomUUID();
/** As the document prints it. */
const printed = {
  employer_id: '681xyz789abc123456789012',
  carrier_id: '680abc456def789012345678',
  policy_id: '682def789ghi012345678901',
  amount_cents: 250000,
  payment_type: 'down_payment',
  customer: { name: 'Smith Industries', email: '[email protected]' },
  installment_plan: { count: 10, per_installment_cents: 75000 },
};
const { installment_plan: _plan, ...plain } = printed;
const path = '/api/v1/payment-links';

const api = (tenant = tenantId, granted?: string[]) => payments.api(tenant, granted ? { granted } : {});
const make = async (body: object = plain, by?: Api) =>
  (await (by ?? (await api())).post<PaymentLinkDto>(path, body)).body;
const statusOf = async (id: string) => (await (await api()).get<PaymentLinkDto>(`${path}/${id}`)).body.status;
const typesOf = async (id: string) => (await payments.eventsOf(id)).map(({ type }) => type as string);

describe('creating a link', () => {
  it('answers 201 with the link of the document, and says so without the customer and the address', async () => {
    const answer = await (await api()).post<PaymentLinkDto>(path, printed);
    expect(answer.status).toBe(201);
    const { id, url, expires_at, created_at, ...rest } = answer.body;
    expect(rest).toEqual({
      ...printed,
      ...{ status: 'active', currency: 'USD', metadata: {}, amount_refunded_cents: 0 },
      installment_plan: { ...printed.installment_plan, interval: 'monthly' },
    });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/pay\/[\w-]{86}$/);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(30 * 24 * 60 * 60 * 1000);

    const [event] = await payments.eventsOf(id);
    expect(event).toMatchObject({ type: 'payment_link.created', sequence: '0000000001', tenantid: tenantId });
    expect(event?.data).toMatchObject({
      ...{ linkId: id, status: 'active', paymentType: 'down_payment', policyId: printed.policy_id },
      amount: { amount: '2500.00', amountMinor: 250000, currency: 'USD' },
      installmentPlan: { count: 10, interval: 'monthly', perInstallment: { amountMinor: 75000 } },
    });
    const said = JSON.stringify(event);
    expect(['Smith', 'protected', url.split('/').at(-1)!].filter((secret) => said.includes(secret))).toEqual([]);
  });

  it('takes the currency of the tenant, metadata, and what is our own', async () => {
    const own = { invoice_locator: randomUUID(), payee_name: 'Acme Mutual', due_date: '2031-05-31' };
    const more = { ...own, metadata: { order: { n: 1 } }, expires_at: '2099-01-01T00:00:00.000Z' };
    const euro = await payments.api(randomUUID(), { currency: 'EUR' });
    expect(await make({ ...plain, ...more }, euro)).toMatchObject({ ...more, currency: 'EUR', amount_cents: 250000 });
  });

  it.each([
    [{ amount_cents: 1.5 }, '/amount_cents'],
    [{ amount_cents: 0 }, '/amount_cents'],
    [{ amount_cents: '2500' }, '/amount_cents'],
    [{ amount_cents: 2 ** 53 }, '/amount_cents'],
    [{ payment_type: 'tip' }, '/payment_type'],
    [{ policy_id: '' }, '/policy_id'],
    [{ customer: { email: 'x'.repeat(255) } }, '/customer/email'],
    [{ installment_plan: { count: 0, per_installment_cents: 1 } }, '/installment_plan/count'],
    [{ installment_plan: { count: 3 } }, '/installment_plan/per_installment_cents'],
    [{ metadata: { big: 'x'.repeat(5000) } }, '/metadata'],
    [{ metadata: [] }, '/metadata'],
    [{ expires_at: 'tomorrow' }, '/expires_at'],
    [{ due_date: '2025-02-30' }, '/due_date'],
    [{ surprise: 1 }, '/surprise'],
  ])('refuses what is wrong with 400 (%#)', async (wrong, pointer) => {
    const answer = await (await api()).post<{ errors: { pointer: string }[] }>(path, { ...plain, ...wrong });
    expect([answer.status, answer.body.errors.map((error) => error.pointer)]).toEqual([400, [pointer]]);
  });

  it('refuses a link that would have expired already', async () => {
    const answer = await (await api()).post(path, { ...plain, expires_at: '2020-01-01T00:00:00Z' });
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { code: 'link_expiry_passed', errors: [{ pointer: '/expires_at' }] },
    ]);
  });

  it('makes one link for one Idempotency-Key', async () => {
    const by = await api();
    const once = () => by.post<PaymentLinkDto>(path, plain, { 'idempotency-key': 'one-link' });
    const [first, again] = [await once(), await once()];
    expect([again.body.id, again.headers.get('idempotent-replayed')]).toEqual([first.body.id, 'true']);
  });
});

describe('finding links', () => {
  it('pages through them, newest first, by every filter', async () => {
    const by = await api(randomUUID());
    const ids: string[] = [];
    for (const n of [1, 2, 3])
      ids.unshift((await make({ ...plain, carrier_id: `c${n % 2}`, policy_id: `p${n}` }, by)).id);
    await by.send('DELETE', `${path}/${ids[0]}`);
    const list = async (query: string) => {
      const { body } = await by.get<{ data: PaymentLinkDto[]; total: number }>(`${path}?${query}`);
      return [body.data.map(({ id }) => id), body.total];
    };
    expect((await by.get(`${path}?page=2&limit=2`)).body).toMatchObject({ page: 2, limit: 2, total: 3 });
    expect(await list('page=2&limit=2')).toEqual([[ids[2]], 3]);
    expect(await list('carrier_id=c1')).toEqual([[ids[0], ids[2]], 2]);
    expect(await list('carrier_id=c1&status=active')).toEqual([[ids[2]], 1]);
    expect(await list('policy_id=p2')).toEqual([[ids[1]], 1]);
    expect(await list(`employer_id=${plain.employer_id}&status=cancelled`)).toEqual([[ids[0]], 1]);
    expect(await list('status=processing')).toEqual([[], 0]);
  });

  it.each(['status=open', 'limit=101', 'page=0', 'pageSize=1'])('refuses ?%s', async (query) => {
    expect((await (await api()).get(`${path}?${query}`)).status).toBe(400);
  });

  it('does not know another tenant’s', async () => {
    const { id } = await make();
    const other = await api(randomUUID());
    const answers = [await other.get(`${path}/${id}`), await other.send('DELETE', `${path}/${id}`)];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect((await other.get<{ total: number }>(path)).body.total).toBe(0);
    expect((await (await api()).get(`${path}/${id}`)).status).toBe(200);
  });

  it('asks for a scope', async () => {
    const reader = await api(tenantId, ['payments:read']);
    expect((await reader.post(path, plain)).status).toBe(403);
    expect((await (await api(tenantId, ['payments:write'])).get(path)).status).toBe(403);
  });
});

describe('closing a link', () => {
  it('cancels it with 200, once', async () => {
    const { id } = await make();
    const by = await api();
    const cancelled = await by.send<PaymentLinkDto>('DELETE', `${path}/${id}`);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect(await by.send('DELETE', `${path}/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', allowedActions: [] },
    });
    expect(await typesOf(id)).toEqual(['payment_link.created', 'payment_link.cancelled']);
  });

  it('says when nobody paid in time', async () => {
    const { id } = await make({ ...plain, expires_at: new Date(Date.now() + 300).toISOString() });
    await eventually(async () => (await statusOf(id)) === 'expired');
    expect(await typesOf(id)).toEqual(['payment_link.created', 'payment_link.expired']);
  });

  it.each(['invoice.paid', 'invoice.voided'] as const)('closes it, and only it, when it is told %s', async (type) => {
    const invoiceLocator = randomUUID();
    const link = await make({ ...plain, invoice_locator: invoiceLocator });
    const other = await make({ ...plain, invoice_locator: randomUUID() });
    const foreign = await make({ ...plain, invoice_locator: invoiceLocator }, await api(randomUUID()));
    const paid = { type, tenantId, subject: invoiceLocator, data: { invoiceLocator } } as const;
    const event = billingEvent(paid);
    await payments.publish(event, event);
    await eventually(async () => (await statusOf(link.id)) === 'cancelled');
    const events = await payments.eventsOf(link.id);
    expect(events.map(({ type, causationid }) => [type, causationid])).toEqual([
      ['payment_link.created', undefined],
      ['payment_link.cancelled', event.id],
    ]);
    expect(await statusOf(other.id)).toBe('active');
    expect(await typesOf(foreign.id)).toEqual(['payment_link.created']);
  });

  it('shows the subscription that billing made of it', async () => {
    const { id } = await make(printed);
    const subscriptionId = randomUUID();
    const data = { subscriptionId, linkId: id };
    await payments.publish(billingEvent({ type: 'subscription.created', tenantId, subject: subscriptionId, data }));
    await eventually(async () => {
      const { body } = await (await api()).get<PaymentLinkDto>(`${path}/${id}`);
      return body.subscription_id === subscriptionId;
    });
  });
});
