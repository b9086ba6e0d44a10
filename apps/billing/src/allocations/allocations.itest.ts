import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing, PolicyAnswer, ScheduleAnswer } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

type Said = Parameters<typeof paymentData>[1];
const posted = (minor: number, said: Said = {}) => {
  const data = paymentData(minor, said);
  return eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data });
};
const locatorOf = (event: ReturnType<typeof posted>) => (event.data as { locator: string }).locator;
const autopay = (instalment: { id: string }, attempt = 1): Said => ({
  source: { type: 'instalment', id: instalment.id, attempt },
});

/** Publishes, and waits until each of these payments is in the books. */
async function post(...events: ReturnType<typeof posted>[]): Promise<void> {
  await billing.publish(...events);
  await received(events.map(locatorOf));
}
const received = (locators: string[]) =>
  eventually(async () => {
    const rows = await billing.sql('SELECT 1 FROM received_payments WHERE locator = ANY($1)', [locators]);
    return rows.length === new Set(locators).size;
  });
const paymentRow = async (event: ReturnType<typeof posted>) => {
  const [row] = await billing.sql<Record<string, string>>(
    `SELECT state, allocated_minor AS allocated, unapplied_minor AS unapplied, suspended_minor AS suspended
       FROM received_payments WHERE locator = $1`,
    [locatorOf(event)],
  );
  return row;
};

async function issued(said: Record<string, unknown> = {}) {
  const { policy, schedule } = await issue(api, said);
  return { policy, schedule, first: schedule.instalments[0]! };
}
const invoicesOf = async ({ locator }: PolicyAnswer) =>
  (await api.get<{ invoices: Record<string, unknown>[] }>(`/invoices?policyLocator=${locator}`)).body.invoices;
const again = ({ scheduleId }: PolicyAnswer): Promise<ScheduleAnswer> => scheduleOf(api, scheduleId);
/** Twelve instalments that are all due. */
const lastYear = { effectiveDate: `${new Date().getUTCFullYear() - 1}-01-01` };

describe('payment.posted', () => {
  it('of an instalment pays it, its invoice and its lines, and paid through moves', async () => {
    const { policy, schedule, first } = await issued();
    const event = posted(2567, { ...autopay(first), effectiveDate: '2026-01-02' });
    await post(event);
    expect(await again(policy)).toMatchObject({ paidThrough: first.periodEnd, state: 'active' });
    expect((await again(policy)).instalments[0]).toMatchObject({ state: 'paid', balance: '0.00' });
    const [invoice] = await invoicesOf(policy);
    expect(invoice).toMatchObject({
      ...{ state: 'paid', allocated: '25.67', balance: '0.00' },
      items: [{ balance: '0.00' }, { balance: '0.00' }],
    });
    const paid = await billing.said('instalment.paid', first.id);
    expect(paid).toMatchObject({
      ...{ sequence: '0000000003', causationid: event.id },
      data: {
        state: 'paid',
        paidThrough: first.periodEnd,
        balance: { amountMinor: 0 },
        invoiceLocator: invoice?.['locator'],
      },
    });
    expect(await billing.said('invoice.paid', String(invoice?.['locator']))).toMatchObject({ sequence: '0000000002' });
    const [allocation] = (await billing.eventsOf(tenantId)).filter(({ causationid }) => causationid === event.id);
    expect(allocation).toMatchObject({
      ...{ type: 'allocation.created', sequence: '0000000001' },
      data: {
        ...{ paymentLocator: locatorOf(event), effectiveDate: '2026-01-02', unapplied: { amountMinor: 0 } },
        allocations: [
          {
            ...{ invoiceLocator: invoice?.['locator'], instalmentId: first.id, amount: { amountMinor: 2567 } },
            items: [
              { itemNo: 1, amount: { amountMinor: 2334 } },
              { itemNo: 2, amount: { amountMinor: 233 } },
            ],
          },
        ],
      },
    });
    expect(schedule.paidThrough).toBeNull();
  });

  it('counts once, however often it is told', async () => {
    const { policy, first } = await issued();
    const event = posted(2567, autopay(first));
    await post(event, event, { ...event, id: newId(), subject: newId() }, posted(1, {}));
    await received([locatorOf(event)]);
    expect(await invoicesOf(policy)).toMatchObject([{ allocated: '25.67' }]);
    const told = (await billing.eventsAbout(first.id)).filter(({ type }) => type === 'instalment.paid');
    expect(told).toHaveLength(1);
    expect(await paymentRow(event)).toMatchObject({ allocated: '2567', unapplied: '0' });
  });

  it('S-85: of a part pays the items in proportion, and the rest settles it', async () => {
    const { policy, first } = await issued();
    const [invoice] = await invoicesOf(policy);
    await post(posted(1000, { invoiceLocator: String(invoice?.['locator']) }));
    expect(await invoicesOf(policy)).toMatchObject([
      {
        ...{ state: 'partially_paid', balance: '15.67' },
        items: [
          { category: 'premium', balance: '14.25' },
          { category: 'tax', balance: '1.42' },
        ],
      },
    ]);
    expect((await billing.said('instalment.partially_paid', first.id)).data).toMatchObject({ paidThrough: null });
    await post(posted(1567, { invoiceLocator: String(invoice?.['locator']) }));
    expect(await invoicesOf(policy)).toMatchObject([{ state: 'paid', balance: '0.00' }]);
  });

  it('S-83: of a policy pays what is due first', async () => {
    const { policy } = await issued(lastYear);
    await post(posted(4000, { policyLocator: policy.locator }));
    const { instalments, paidThrough } = await again(policy);
    expect(instalments.slice(0, 3).map(({ state, balance }) => [state, balance])).toEqual([
      ['paid', '0.00'],
      ['partially_paid', '11.34'],
      ['billed', '25.67'],
    ]);
    expect(paidThrough).toBe(instalments[0]?.periodEnd);
  });

  it('S-29: of a later instalment does not move paid through', async () => {
    const { policy, schedule } = await issued(lastYear);
    const [first, second, third] = [0, 1, 2].map((index) => autopay(schedule.instalments[index]!));
    await post(posted(2567, first), posted(2567, third));
    expect((await again(policy)).paidThrough).toBe(schedule.instalments[0]?.periodEnd);
    await post(posted(2567, second));
    expect((await again(policy)).paidThrough).toBe(schedule.instalments[2]?.periodEnd);
  });

  it('of all instalments in one batch completes the schedule', async () => {
    const { policy, schedule } = await issued(lastYear);
    await post(...schedule.instalments.map((each) => posted(Math.round(Number(each.amount) * 100), autopay(each))));
    const { state, paidThrough } = await again(policy);
    expect([state, paidThrough]).toEqual(['completed', schedule.instalments[11]?.periodEnd]);
  });

  it('S-84: of more than is owed leaves the rest unapplied, the policy its owner', async () => {
    const { policy, first } = await issued();
    const event = posted(3000, autopay(first));
    await post(event);
    expect(await paymentRow(event)).toMatchObject({ allocated: '2567', unapplied: '433', suspended: '0' });
    const changed = (await billing.eventsOf(tenantId)).find(
      ({ type, causationid }) => type === 'unapplied.changed' && causationid === event.id,
    );
    expect(changed?.data).toMatchObject({
      owner: { type: 'policy', locator: policy.locator },
      ...{ delta: { amountMinor: 433 }, balance: { amountMinor: 433 } },
    });
  });

  it('of a paid instalment is unapplied: nothing is paid twice', async () => {
    const { policy, first } = await issued();
    const [one, two] = [posted(2567, autopay(first)), posted(2567, autopay(first, 2))];
    await post(one, two);
    expect(await paymentRow(two)).toMatchObject({ allocated: '0', unapplied: '2567' });
    expect(await invoicesOf(policy)).toMatchObject([{ allocated: '25.67' }]);
  });

  it('of a policyholder without a debt is theirs, and adds up', async () => {
    const policyholderLocator = `PH-${newId()}`;
    await issued({ policyholderLocator, currency: 'EUR' });
    await post(posted(100, { policyholderLocator }), posted(250, { policyholderLocator }));
    const funds = await billing.sql(
      'SELECT owner_type, balance_minor, version FROM unapplied_funds WHERE owner_locator = $1',
      [policyholderLocator],
    );
    expect(funds).toEqual([{ owner_type: 'policyholder', balance_minor: '350', version: 2 }]);
  });

  it('of a policyholder pays all of their policies in the order of due dates, and the rest is theirs', async () => {
    const policyholderLocator = `PH-${newId()}`;
    const [one, two] = [await issued({ ...lastYear, policyholderLocator }), await issued({ policyholderLocator })];
    const event = posted(12 * 2567 - 4 + 2567 + 333, { policyholderLocator });
    await post(event);
    expect(await again(one.policy)).toMatchObject({ state: 'completed' });
    expect((await again(two.policy)).instalments[0]).toMatchObject({ state: 'paid' });
    expect(await paymentRow(event)).toMatchObject({ unapplied: '333' });
    const [fund] = await billing.sql('SELECT owner_type FROM unapplied_funds WHERE owner_locator = $1', [
      policyholderLocator,
    ]);
    expect(fund).toEqual({ owner_type: 'policyholder' });
  });

  it('taken back, is owed again on every policy that it had paid', async () => {
    const policyholderLocator = `PH-${newId()}`;
    const [one, two] = [await issued({ policyholderLocator }), await issued({ policyholderLocator })];
    const event = posted(2 * 2567, { policyholderLocator });
    await post(event);
    const data = event.data as ReturnType<typeof paymentData>;
    await billing.publish(
      eventOf({ type: 'payment.reversed', tenantId, subject: locatorOf(event), sequence: 2, data }),
    );
    await eventually(async () => (await paymentRow(event))?.['state'] === 'reversed');
    for (const { policy } of [one, two]) {
      expect((await again(policy)).instalments[0]).toMatchObject({ state: 'billed', balance: '25.67' });
    }
  });

  it('in the order and by the items that the tenant chose', async () => {
    const plan = { allocation: { invoiceOrder: 'policy', itemOrder: 'tax_first' } };
    await api.send('PUT', '/billing-settings', { body: plan });
    const { policy } = await issued();
    await post(posted(1000, { policyLocator: policy.locator }));
    const [invoice] = await invoicesOf(policy);
    expect(invoice).toMatchObject({ items: [{ balance: '15.67' }, { category: 'tax', balance: '0.00' }] });
    await api.send('PUT', '/billing-settings', { body: {} });
  });

  it.each<[string, Said, string]>([
    ['an unknown policy', { policyLocator: 'POL-9' }, 'unknown_policy'],
    ['an unknown invoice', { invoiceLocator: newId() }, 'unknown_invoice'],
    ['an unknown instalment', { source: { type: 'instalment', id: newId(), attempt: 1 } }, 'unknown_instalment'],
    ['an unknown policyholder', { policyholderLocator: 'nobody' }, 'unknown_policyholder'],
    ['a statement', { statementLocator: 'ST-1' }, 'unknown_statement'],
    ['nothing', {}, 'no_reference'],
  ])('S-86: that names %s is suspense', async (_name, said, reason) => {
    const event = posted(10_000, said);
    await post(event);
    expect(await paymentRow(event)).toMatchObject({ allocated: '0', unapplied: '0', suspended: '10000' });
    const opened = (await billing.eventsOf(tenantId)).find(({ causationid }) => causationid === event.id);
    expect(opened).toMatchObject({ type: 'suspense.opened', data: { reason, amount: { amount: '100.00' } } });
  });

  it("that names another tenant's policy is suspense", async () => {
    const stranger = await billing.api(newId());
    const { policy } = await issue(stranger);
    const event = posted(100, { policyLocator: policy.locator });
    await post(event);
    expect(await paymentRow(event)).toMatchObject({ suspended: '100' });
  });

  it('S-104: in another currency is suspense and never converted', async () => {
    const { policy } = await issued({ currency: 'EUR' });
    const event = posted(2567, { policyLocator: policy.locator });
    await post(event);
    const [item] = await billing.sql('SELECT reason, currency FROM suspense_items WHERE payment_locator = $1', [
      locatorOf(event),
    ]);
    expect(item).toEqual({ reason: 'currency_mismatch', currency: 'USD' });
  });
});
