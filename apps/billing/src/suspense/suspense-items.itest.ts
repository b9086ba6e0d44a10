import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { answerTestClocks, eventOf, issue, paymentData, startBilling } from '../testing/harness.itest.ts';
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

interface Item {
  id: string;
  state: string;
  amount: string;
  receivedOn: string;
  agedOn?: string;
  errors?: { pointer: string }[];
}
const keyed = () => ({ 'idempotency-key': newId() });
const apply = (id: string, owner: object, as = api) => as.post<Item>(`/suspense-items/${id}/apply`, owner, keyed());
const invoiceOf = async ({ locator }: PolicyAnswer) =>
  (
    await api.get<{ invoices: { locator: string; state: string; balance: string }[] }>(
      `/invoices?policyLocator=${locator}`,
    )
  ).body.invoices[0]!;

/** 100.00 that name a policy nobody knows, received a week ago. */
async function suspended(minor = 10_000, currency = 'USD') {
  const amount = { amount: (minor / 100).toFixed(2), amountMinor: minor, currency };
  const data = paymentData(minor, { amount, policyLocator: 'POL-9', effectiveDate: '2026-01-05' });
  await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
  const items = await eventually(async () => {
    const { body } = await api.get<{ items: Item[] }>(`/suspense-items?paymentLocator=${data.locator}&state=open`);
    return body.items.length > 0 ? body.items : null;
  });
  return { item: items[0]!, payment: data };
}

describe('money in suspense', () => {
  it('is listed with what it named', async () => {
    const { item, payment } = await suspended();
    expect(item).toMatchObject({
      ...{ state: 'open', paymentLocator: payment.locator, amount: '100.00', currency: 'USD' },
      ...{ reason: 'unknown_policy', clues: { policyLocator: 'POL-9' }, receivedOn: '2026-01-05' },
    });
    expect((await api.get(`/suspense-items/${item.id}`)).body).toEqual(item);
    expect((await api.get('/suspense-items?state=applied')).body).toEqual({ items: [], nextCursor: null });
    expect((await api.get('/suspense-items?state=lost')).status).toBe(400);
  });

  it('S-86: applied later pays by the date on which it was received', async () => {
    const { item, payment } = await suspended();
    const { policy } = await issue(api);
    const { status, body } = await apply(item.id, { policyLocator: policy.locator });
    expect([status, body.state]).toEqual([200, 'applied']);
    expect(await invoiceOf(policy)).toMatchObject({ state: 'paid' });
    const created = (await billing.eventsOf(tenantId)).find(({ type }) => type === 'allocation.created');
    expect(created?.data).toMatchObject({ paymentLocator: payment.locator, effectiveDate: '2026-01-05' });
    expect(await billing.said('suspense.applied', item.id)).toMatchObject({ sequence: '0000000002' });
    const [row] = await billing.sql(
      'SELECT allocated_minor, unapplied_minor, suspended_minor FROM received_payments WHERE locator = $1',
      [payment.locator],
    );
    expect(row).toEqual({ allocated_minor: '2567', unapplied_minor: '7433', suspended_minor: '0' });
  });

  it('is applied to one invoice, or to all of a policyholder, whose the rest is', async () => {
    const policyholderLocator = `PH-${newId()}`;
    const [one, two] = [await issue(api, { policyholderLocator }), await issue(api, { policyholderLocator })];
    const first = await suspended(1000);
    await apply(first.item.id, { invoiceLocator: (await invoiceOf(one.policy)).locator });
    expect(await invoiceOf(one.policy)).toMatchObject({ balance: '15.67' });
    const second = await suspended(10_000);
    await apply(second.item.id, { policyholderLocator });
    expect(await invoiceOf(two.policy)).toMatchObject({ state: 'paid' });
    const [fund] = await billing.sql('SELECT owner_type, balance_minor FROM unapplied_funds WHERE owner_locator = $1', [
      policyholderLocator,
    ]);
    expect(fund).toEqual({ owner_type: 'policyholder', balance_minor: '5866' });
  });

  it('is applied once, whoever tries', async () => {
    const { item } = await suspended();
    const { policy } = await issue(api);
    const answers = await Promise.all([1, 2, 3].map(() => apply(item.id, { policyLocator: policy.locator })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it.each([
    [{}, 400, ''],
    [{ policyLocator: 'x', policyholderLocator: 'y' }, 400, '/policyholderLocator'],
    [{ policyLocator: newId() }, 422, '/policyLocator'],
    [{ invoiceLocator: 'I-000001' }, 422, '/invoiceLocator'],
    [{ policyholderLocator: 'nobody' }, 422, '/policyholderLocator'],
  ])('refuses %j', async (owner, status, pointer) => {
    const { item } = await suspended();
    const answer = await apply(item.id, owner);
    expect([answer.status, answer.body.errors?.map((each) => each.pointer)]).toEqual([status, [pointer]]);
    expect((await api.get<Item>(`/suspense-items/${item.id}`)).body).toEqual(item);
  });

  it('S-104: is not applied to what is owed in another currency', async () => {
    const { item } = await suspended(100, 'EUR');
    const { policy } = await issue(api);
    expect(await apply(item.id, { policyLocator: policy.locator })).toMatchObject({
      ...{ status: 422, body: { errors: [{ pointer: '/policyLocator', detail: 'is not in EUR' }] } },
    });
  });

  it("another tenant's is not there", async () => {
    const { item } = await suspended();
    const stranger = await billing.api(newId());
    expect((await apply(item.id, { policyLocator: newId() }, stranger)).status).toBe(404);
    expect((await stranger.get(`/suspense-items/${item.id}`)).status).toBe(404);
    expect((await stranger.get('/suspense-items')).body).toEqual({ items: [], nextCursor: null });
    expect((await apply(item.id, {}, await billing.api(tenantId, ['billing:read']))).status).toBe(403);
    expect((await api.post(`/suspense-items/${item.id}/apply`, { policyLocator: newId() })).status).toBe(400);
  });

  it('is called old once, after as long as the tenant bears', async () => {
    const { item } = await suspended();
    await api.send('PUT', '/billing-settings', { body: { suspenseAgedAfterDays: 5 } });
    const aged = await billing.said('suspense.aged', item.id);
    expect(aged).toMatchObject({ sequence: '0000000002', data: { reason: 'unknown_policy' } });
    const { receivedOn, agedOn } = (await api.get<Item>(`/suspense-items/${item.id}`)).body;
    expect(aged.data.ageDays).toBe((Date.parse(agedOn!) - Date.parse(receivedOn)) / 86_400_000);
    expect((await api.get<Item>(`/suspense-items/${item.id}`)).body.agedOn).toBeDefined();
    const { policy } = await issue(api);
    await apply(item.id, { policyLocator: policy.locator });
    expect(await billing.said('suspense.applied', item.id)).toMatchObject({ sequence: '0000000003' });
  });
});

describe('the excess credit plan', () => {
  const requests = async () =>
    (await api.get<{ items: { amount: string; payeeLocator: string; reason: string }[] }>('/disbursement-requests'))
      .body.items;
  const plan = (excludeDebits: string, floor = '0.00') =>
    api.send('PUT', '/billing-settings', {
      body: { excessCredit: { disburseExcess: true, excludeDebits, floors: [{ currency: 'USD', amount: floor }] } },
    });
  /** One invoice of 25.67 paid by 125.67, and eleven instalments that are not billed. */
  async function overpaid() {
    const { policy } = await issue(api);
    const data = paymentData(12_567, { policyLocator: policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await eventually(async () => (await invoiceOf(policy)).state === 'paid');
  }
  const checked = () =>
    eventually(async () => {
      const rows = await billing.sql('SELECT FROM unapplied_funds WHERE tenant_id = $1 AND excess_checked_on IS NULL', [
        tenantId,
      ]);
      return rows.length === 0;
    });

  it.each([
    ['S-41: invoicesAndUnbilledInstalments pays nothing out', 'invoicesAndUnbilledInstalments', '0.00', []],
    ['S-41: allInvoices pays all of it out', 'allInvoices', '0.00', ['100.00']],
    ['S-53: below the floor it stays', 'none', '100.01', []],
    ['S-53: the floor itself is paid out', 'none', '100.00', ['100.00']],
  ])('%s', async (_name, rule, floor, amounts) => {
    await overpaid();
    await plan(rule, floor);
    await checked();
    expect((await requests()).map(({ amount }) => amount)).toEqual(amounts);
  });

  it('looks at a fund once a day', async () => {
    const clock = answerTestClocks(billing, tenantId);
    await api.post('/test-clocks/advance', { days: 1 });
    await overpaid();
    await plan('invoicesAndUnbilledInstalments');
    await api.post('/test-clocks/advance', { days: 1 });
    expect(await requests()).toEqual([]);
    await plan('allInvoices');
    await api.post('/test-clocks/advance', { days: 1 });
    await clock.stop();
    expect(await requests()).toMatchObject([{ amount: '100.00', payeeLocator: 'PH-1001', reason: 'Excess credit' }]);
  });
});
