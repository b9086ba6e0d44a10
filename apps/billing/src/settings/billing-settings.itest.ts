import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  api = await billing.api(newId());
});
afterAll(() => billing.stop());

const put = <T>(body: unknown, as = api) => as.send<T>('PUT', '/billing-settings', { body });

const defaults = {
  allocation: { invoiceOrder: 'due_date', itemOrder: 'pro_rata' },
  shortfallTolerances: [],
  excessCredit: { disburseExcess: false, excludeDebits: 'none', floors: [] },
  statementCycle: 'off',
  suspenseAgedAfterDays: null,
  upcomingInvoiceDays: null,
};
const chosen = {
  allocation: { invoiceOrder: 'policy', itemOrder: 'tax_first' },
  shortfallTolerances: [
    { currency: 'JPY', amount: '50' },
    { currency: 'USD', amount: '1.00' },
  ],
  excessCredit: {
    disburseExcess: true,
    excludeDebits: 'invoicesAndUnbilledInstalments',
    floors: [{ currency: 'USD', amount: '5.00' }],
  },
  statementCycle: 'monthly',
  suspenseAgedAfterDays: 30,
  upcomingInvoiceDays: 7,
};

it('are the defaults until somebody decides', async () => {
  expect(await api.get('/billing-settings')).toMatchObject({ status: 200, body: defaults });
});

it('are what was put, as a whole: what is absent is the default again', async () => {
  expect(await put(chosen)).toMatchObject({ status: 200, body: chosen });
  expect((await api.get('/billing-settings')).body).toEqual(chosen);
  const { body } = await put({ allocation: { itemOrder: 'fee_first' } });
  expect(body).toEqual({ ...defaults, allocation: { invoiceOrder: 'due_date', itemOrder: 'fee_first' } });
});

it('are the defaults where null is said', async () => {
  const body = { shortfallTolerances: null, excessCredit: null, allocation: null, statementCycle: null };
  const { status, body: settings } = await api.send<object>('PUT', '/billing-settings', { body });
  expect({ status, settings }).toMatchObject({ status: 200, settings: { shortfallTolerances: [] } });
});

it("are a tenant's own", async () => {
  await put(chosen);
  const another = await billing.api(newId());
  expect((await another.get('/billing-settings')).body).toEqual(defaults);
});

it.each([
  [{ allocation: { invoiceOrder: 'random' } }, '/allocation/invoiceOrder'],
  [{ shortfallTolerances: [{ currency: 'XX', amount: '1' }] }, '/shortfallTolerances/0/currency'],
  [{ shortfallTolerances: [{ currency: 'USD', amount: '-1' }] }, '/shortfallTolerances/0/amount'],
  [{ excessCredit: { floors: [{ currency: 'JPY', amount: '1.5' }] } }, '/excessCredit/floors/0/amount'],
  [{ statementCycle: 'daily' }, '/statementCycle'],
  [{ suspenseAgedAfterDays: 0 }, '/suspenseAgedAfterDays'],
  [{ upcomingInvoiceDays: -1 }, '/upcomingInvoiceDays'],
  [{ tolerance: 1 }, '/tolerance'],
])('refuse %j', async (body, pointer) => {
  const { status, body: problem } = await put<{ errors: { pointer: string }[] }>(body);
  expect([status, problem.errors.map((each) => each.pointer)]).toEqual([400, [pointer]]);
  expect((await api.get('/billing-settings')).body).toEqual(defaults);
});

it('refuse a currency that is there twice', async () => {
  const amount = { currency: 'USD', amount: '1.00' };
  const { status, body } = await put({ shortfallTolerances: [amount, amount] });
  expect([status, body]).toEqual([
    400,
    expect.objectContaining({ errors: [{ pointer: '/shortfallTolerances/1/currency', detail: 'is there twice' }] }),
  ]);
});

it('need a scope', async () => {
  const reader = await billing.api(newId(), ['billing:read']);
  expect((await put({}, reader)).status).toBe(403);
  expect((await reader.get('/billing-settings')).status).toBe(200);
});
