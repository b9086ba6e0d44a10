import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { SweepService } from '../sweep/sweep.service.ts';
import { eventOf, issue, paymentData, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
let tenantId: string;
let policyholderLocator: string;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  tenantId = newId();
  policyholderLocator = `PH-${tenantId}`;
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface Application {
  id: string;
  paymentLocator: string;
  invoices: { invoiceLocator: string; amount: string }[];
}
interface Answer {
  items: Application[];
  code: string;
  errors: { pointer: string }[];
}
const keyed = () => ({ 'idempotency-key': newId() });
const apply = (body: object, as = api) => as.post<Answer>('/payment-applications', body, keyed());
const reverse = (id: string, as = api) =>
  as.post<Application & { reverses: string }>(`/payment-applications/${id}/reverse`, undefined, keyed());
const owner = () => ({ owner: { type: 'policyholder', locator: policyholderLocator }, currency: 'USD' });
const invoice = async (locator: string) =>
  (await api.get<{ state: string; balance: string }>(`/invoices/${locator}`)).body;
const charges = (amount: string) => [{ category: 'premium', amount }];

/** Money of the policyholder that came before there was anything to pay. */
async function unapplied(...amounts: number[]) {
  await issue(api, { policyholderLocator, effectiveDate: '2099-01-01' });
  const payments = amounts.map((minor) => paymentData(minor, { policyholderLocator }));
  for (const data of payments) {
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await eventually(async () => {
      const rows = await billing.sql('SELECT FROM received_payments WHERE locator = $1', [data.locator]);
      return rows.length === 1;
    });
  }
  return payments.map(({ locator }) => locator);
}
async function owed(amount: string, said: object = {}) {
  const { policy } = await issue(api, { policyholderLocator, plan: 'full-pay', charges: charges(amount), ...said });
  const { body } = await api.get<{ invoices: { locator: string }[] }>(`/invoices?policyLocator=${policy.locator}`);
  return body.invoices[0]!.locator;
}
const fundMinor = async () => {
  const [row] = await billing.sql<{ balance: string }>(
    `SELECT sum(balance_minor) AS balance FROM unapplied_funds WHERE tenant_id = $1`,
    [tenantId],
  );
  return Number(row?.balance ?? 0);
};

describe('POST /payment-applications', () => {
  it('one payment pays many invoices', async () => {
    const [payment] = await unapplied(15_000);
    const [one, two] = [await owed('100.00'), await owed('100.00')];
    const { status, body } = await apply({
      paymentLocator: payment,
      invoices: [{ invoiceLocator: two, amount: '60.00' }, { invoiceLocator: one }],
    });
    expect([status, body.items]).toMatchObject([
      201,
      [
        {
          paymentLocator: payment,
          invoices: [
            { invoiceLocator: two, amount: '60.00' },
            { invoiceLocator: one, amount: '90.00' },
          ],
        },
      ],
    ]);
    expect([(await invoice(one)).balance, (await invoice(two)).balance]).toEqual(['10.00', '40.00']);
    expect(await fundMinor()).toBe(0);
  });

  it('many payments pay one invoice, the oldest first', async () => {
    const payments = await unapplied(3000, 5000, 4000);
    const one = await owed('100.00');
    const { body } = await apply({ ...owner(), invoices: [{ invoiceLocator: one }] });
    expect(body.items.map(({ paymentLocator, invoices }) => [paymentLocator, invoices[0]?.amount])).toEqual([
      [payments[0], '30.00'],
      [payments[1], '50.00'],
      [payments[2], '20.00'],
    ]);
    expect((await invoice(one)).state).toBe('paid');
    expect(await fundMinor()).toBe(2000);
    for (const { id } of body.items) expect(await billing.said('allocation.created', id)).toBeDefined();
  });

  it('two at once do not spend the same money', async () => {
    await unapplied(10_000);
    const [one, two] = [await owed('100.00'), await owed('100.00')];
    const answers = await Promise.all(
      [one, two].map((invoiceLocator) => apply({ ...owner(), invoices: [{ invoiceLocator, amount: '100.00' }] })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(await fundMinor()).toBe(0);
  });

  it('refuses what cannot be, and changes nothing', async () => {
    const [payment = ''] = await unapplied(10_000);
    const [one, euros] = [await owed('50.00'), await owed('50.00', { currency: 'EUR' })];
    const paid = await owed('1.00');
    await apply({ paymentLocator: payment, invoices: [{ invoiceLocator: paid }] });
    const of = (...invoices: object[]) => ({ paymentLocator: payment, invoices });
    const refused: [object, number, string][] = [
      [of({ invoiceLocator: newId() }), 422, '/invoices/0/invoiceLocator'],
      [of({ invoiceLocator: euros }), 422, '/invoices/0/invoiceLocator'],
      [of({ invoiceLocator: paid }), 422, '/invoices/0/invoiceLocator'],
      [of({ invoiceLocator: one, amount: '50.01' }), 422, '/invoices/0/amount'],
      [of({ invoiceLocator: one, amount: '0' }), 400, '/invoices/0/amount'],
      [{ paymentLocator: newId(), invoices: [{ invoiceLocator: one }] }, 422, '/invoices'],
      [{ invoices: [{ invoiceLocator: one }] }, 400, '/paymentLocator'],
      [{ ...owner(), currency: undefined, invoices: [{ invoiceLocator: one }] }, 400, '/currency'],
      [of(), 400, '/invoices'],
      [of({ invoiceLocator: one }, { invoiceLocator: one.toUpperCase() }), 400, '/invoices'],
      [{ paymentLocator: null, owner: null, invoices: [{ invoiceLocator: one }] }, 400, '/paymentLocator'],
    ];
    for (const [body, status, pointer] of refused) {
      const answer = await apply(body);
      expect([body, answer.status, answer.body.errors.map((each) => each.pointer)]).toEqual([body, status, [pointer]]);
    }
    expect((await invoice(one)).balance).toBe('50.00');
    expect(await fundMinor()).toBe(9900);
  });

  it("knows nothing of another tenant's", async () => {
    const [payment] = await unapplied(10_000);
    const one = await owed('50.00');
    const stranger = await billing.api(newId());
    const body = { paymentLocator: payment, invoices: [{ invoiceLocator: one }] };
    expect((await apply(body, stranger)).status).toBe(422);
    expect((await apply(body, await billing.api(tenantId, ['billing:read']))).status).toBe(403);
    expect((await api.post('/payment-applications', body)).status).toBe(400);
  });
});

describe('POST /payment-applications/{id}/reverse', () => {
  it('makes its invoices owed again, and its money unapplied', async () => {
    await unapplied(15_000);
    const [one, two] = [await owed('100.00'), await owed('100.00')];
    const { body } = await apply({ ...owner(), invoices: [{ invoiceLocator: one }, { invoiceLocator: two }] });
    const [application] = body.items;
    const reversed = await reverse(application!.id);
    expect(reversed).toMatchObject({ status: 200, body: { reverses: application!.id } });
    expect([(await invoice(one)).state, (await invoice(two)).state]).toEqual(['open', 'open']);
    expect(await fundMinor()).toBe(15_000);
    expect((await reverse(application!.id)).status).toBe(409);
    expect(await billing.said('allocation.reversed', reversed.body.id)).toMatchObject({
      data: { reverses: application!.id },
    });
    await apply({ ...owner(), invoices: [{ invoiceLocator: one }] });
    expect((await invoice(one)).state).toBe('paid');
  });

  it('is not undone in turn by the next sweep', async () => {
    await unapplied(10_000);
    const one = await owed('100.00');
    const { body } = await apply({ ...owner(), invoices: [{ invoiceLocator: one }] });
    await reverse(body.items[0]!.id);
    const { app } = billing.service;
    const time = { now: new Date(), tenantId };
    await app.get(Database).withTenant(tenantId, (tx) => app.get(SweepService).run(tx, 'apply', time));
    expect([(await invoice(one)).state, await fundMinor()]).toEqual(['open', 10_000]);
  });

  it("another tenant's, or one that never was, is not there", async () => {
    await unapplied(100);
    const { body } = await apply({ ...owner(), invoices: [{ invoiceLocator: await owed('1.00') }] });
    const stranger = await billing.api(newId());
    expect((await reverse(body.items[0]!.id, stranger)).status).toBe(404);
    expect((await reverse(newId())).status).toBe(404);
  });
});
