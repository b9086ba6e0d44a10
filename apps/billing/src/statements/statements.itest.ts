import { sampleOf } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { answerTestClocks, eventOf, issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
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

interface Statement {
  locator: string;
  displayId: string;
  state: string;
  periodStart: string;
  periodEnd: string;
  openingBalance: string;
  charges: string;
  payments: string;
  closingBalance: string;
  amountDue: string;
  lines: { kind: string; on: string; amount: string }[];
  invoices: { locator: string; balance: string }[];
  errors?: { pointer: string }[];
}

const r01 = { scheme: 'ach', code: 'R01', pejorative: true } as const;
const today = new Date().toISOString().slice(0, 10);
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const state = (said: object = {}) =>
  api.post<Statement>('/statements', { policyholderLocator, periodStart: day(-30), periodEnd: today, ...said });
const linesOf = ({ lines }: Statement) => lines.map(({ kind, amount }) => `${kind} ${amount}`).sort();

async function pay(minor: number, said: Parameters<typeof paymentData>[1] = {}) {
  const data = paymentData(minor, { policyholderLocator, effectiveDate: day(-1), ...said });
  await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
  await received(data.locator);
  return data;
}
const received = (locator: string) =>
  eventually(async () => {
    const rows = await billing.sql('SELECT FROM received_payments WHERE locator = $1', [locator]);
    return rows.length === 1;
  });
/** Invoices are issued today; the first statements are of days that are over, so they are moved back. */
async function issuedBefore(on: string): Promise<void> {
  const client = await billing.admin.connect();
  // Without triggers: nobody edits what was issued.
  await client.query('SET session_replication_role = replica');
  await client.query('UPDATE invoices SET issued_on = $2 WHERE tenant_id = $1', [tenantId, on]);
  client.release(true);
}
const policy = () => issue(api, { policyholderLocator });

describe('POST /statements', () => {
  it('says what was billed and paid, and what is open', async () => {
    await policy();
    await issuedBefore(day(-10));
    await pay(1000);
    const { status, body } = await state();
    expect([status, body]).toMatchObject([
      201,
      {
        ...{ state: 'issued', policyholderLocator, currency: 'USD', periodStart: day(-30), periodEnd: today },
        ...{ openingBalance: '0.00', charges: '25.67', fees: '0.00', payments: '10.00', closingBalance: '15.67' },
        ...{ amountDue: '15.67', dueOn: today, invoices: [{ balance: '15.67' }] },
        lines: [
          { kind: 'charge', on: day(-10), amount: '25.67', sourceType: 'invoice' },
          { kind: 'payment', on: day(-1), amount: '10.00', sourceType: 'payment' },
        ],
      },
    ]);
    expect(body.displayId).toBe('S-000001');
    expect((await api.get(`/statements/${body.locator}`)).body).toEqual(body);
    expect(await billing.said('statement.issued', body.locator)).toMatchObject({
      sequence: '0000000001',
      data: { opening: { amountMinor: 0 }, payments: { amountMinor: 1000 }, closing: { amountMinor: 1567 } },
    });
  });

  it('opens with what the last one closed with, and tells what became known late', async () => {
    await policy();
    await issuedBefore(day(-10));
    const { body: first } = await state({ periodEnd: day(-5) });
    expect([first.openingBalance, first.closingBalance]).toEqual(['0.00', '25.67']);
    await pay(567, { effectiveDate: day(-8) });
    await pay(5000, { effectiveDate: day(-2) });
    const { body: second } = await state({ periodStart: day(-5) });
    expect([second.openingBalance, second.payments, second.closingBalance]).toEqual(['25.67', '55.67', '-30.00']);
    expect(second.lines.map(({ on }) => on)).toEqual([day(-8), day(-2)]);
    expect(second.amountDue).toBe('0.00');
  });

  it('tells money that moves within an account as nothing: unapplied, then applied', async () => {
    await pay(1, { policyholderLocator: 'nobody' });
    await policy();
    await issuedBefore(day(-10));
    await pay(3000, { effectiveDate: day(-4) });
    const { body } = await state();
    expect(linesOf(body)).toEqual(['charge 25.67', 'payment 30.00']);
  });

  it('tells a payment that was returned as such, and a write-off as a credit', async () => {
    const { policy: issued } = await policy();
    await issuedBefore(day(-10));
    const payment = await pay(2567, { effectiveDate: day(-9) });
    const taken = { ...payment, return: { code: 'R01', returnedDate: day(-3), pejorative: true } };
    await billing.publish(
      eventOf({ type: 'payment.returned', tenantId, subject: payment.locator, sequence: 2, data: taken as never }),
    );
    const invoice = await eventually(async () => {
      const { body } = await api.get<{ invoices: { locator: string; state: string }[] }>(
        `/invoices?policyLocator=${issued.locator}`,
      );
      return body.invoices[0]?.state === 'open' ? body.invoices[0] : null;
    });
    const { body: written } = await api.post<{ id: string }>('/write-offs', {
      ...{ invoiceLocator: invoice.locator, amount: '5.67', reason: 'goodwill' },
    });
    await billing.sql('UPDATE write_offs SET written_off_on = $2 WHERE id = $1', [written.id, day(-2)]);
    const { body } = await state();
    expect(linesOf(body)).toEqual(['charge 25.67', 'credit 5.67', 'payment 25.67', 'returned_payment 25.67']);
    expect(body).toMatchObject({ returnedPayments: '25.67', credits: '5.67', closingBalance: '20.00' });
  });

  it('tells what was paid out and then taken back, also of a payment that names no policy', async () => {
    await policy();
    await issuedBefore(day(-10));
    const payment = await pay(5000, { effectiveDate: day(-9) });
    const refundId = newId();
    const refund = { ...sampleOf('refund.succeeded'), refundId, paymentLocator: payment.locator };
    const returned = { ...payment, state: 'returned' as const, return: { ...r01, returnedDate: day(-3) } };
    await billing.publish(
      eventOf({
        ...{ type: 'refund.succeeded', tenantId, subject: refundId },
        data: { ...refund, amount: usd(2433), effectiveDate: day(-4) },
      }),
      eventOf({ type: 'payment.returned', tenantId, subject: payment.locator, sequence: 2, data: returned }),
    );
    await eventually(async () => (await billing.eventsOf(tenantId)).find(({ type }) => type === 'shortfall.opened'));
    const { body } = await state();
    expect([body.closingBalance, linesOf(body)]).toEqual([
      '50.00',
      ['charge 25.67', 'payment 50.00', 'returned_payment 24.33', 'returned_payment 24.33', 'returned_payment 25.67'],
    ]);
  });

  it('of the same period again takes the place of the one before', async () => {
    await policy();
    await issuedBefore(day(-10));
    const { body: first } = await state();
    await pay(500);
    const { body: second } = await state();
    expect(second).toMatchObject({ supersedes: first.locator, openingBalance: '0.00', closingBalance: '20.67' });
    expect((await api.get<Statement>(`/statements/${first.locator}`)).body.state).toBe('superseded');
    const list = await api.get<{ statements: Statement[] }>(`/statements?policyholderLocator=${policyholderLocator}`);
    expect(list.body.statements.map((each) => each.state)).toEqual(['issued', 'superseded']);
  });

  it.each([
    ['a period that is not over', { periodEnd: day(1) }, 422, '/periodEnd'],
    ['an empty period', { periodStart: today }, 422, '/periodEnd'],
    ['a policyholder without a policy', { policyholderLocator: 'nobody' }, 422, '/policyholderLocator'],
    ['another currency', { currency: 'EUR' }, 422, '/currency'],
    ['what is no date', { periodStart: '2026-02-30' }, 400, '/periodStart'],
  ])('refuses %s', async (_name, said, status, pointer) => {
    await policy();
    const answer = await state(said);
    expect([answer.status, answer.body.errors?.map((each) => each.pointer)]).toEqual([status, [pointer]]);
  });

  it('refuses to leave days out, and to tell an older period again', async () => {
    await policy();
    await state({ periodEnd: day(-5) });
    await state({ periodStart: day(-5), periodEnd: day(-3) });
    for (const periodStart of [day(-4), day(-2), day(-30)]) {
      expect((await state({ periodStart, periodEnd: periodStart === day(-30) ? day(-5) : today })).status).toBe(422);
    }
  });

  it('asks which currency, where there are two', async () => {
    await policy();
    await issue(api, { policyholderLocator, currency: 'EUR' });
    expect((await state()).body.errors).toEqual([{ pointer: '/currency', detail: 'is one of EUR, USD' }]);
    expect((await state({ currency: 'EUR' })).status).toBe(201);
  });

  it('two at once make one', async () => {
    await policy();
    const answers = await Promise.all([state(), state(), state()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const rows = await billing.sql<{ state: string }>('SELECT state FROM statements WHERE tenant_id = $1', [tenantId]);
    expect(rows.filter((each) => each.state === 'issued')).toHaveLength(1);
  });
});

describe('GET /statements', () => {
  it('finds them by policyholder, by policy and by state, page by page', async () => {
    const { policy: issued } = await policy();
    await state({ periodEnd: day(-5) });
    await state({ periodStart: day(-5) });
    type Page = { statements: Statement[]; pagingToken?: string };
    const { body } = await api.get<Page>(`/statements?policyLocator=${issued.locator}&pageSize=1&state=issued`);
    expect(body.statements.map(({ periodEnd }) => periodEnd)).toEqual([today]);
    const next = await api.get<Page>(
      `/statements?policyLocator=${issued.locator}&pageSize=1&pagingToken=${body.pagingToken}`,
    );
    expect(next.body.statements.map(({ periodEnd }) => periodEnd)).toEqual([day(-5)]);
    expect(next.body.pagingToken).toBeUndefined();
    expect((await api.get('/statements?policyLocator=x')).body).toEqual({ statements: [] });
    expect((await api.get('/statements?state=open')).status).toBe(400);
  });

  it("has nothing of another tenant's", async () => {
    await policy();
    const { body } = await state();
    const stranger = await billing.api(newId());
    expect((await stranger.get(`/statements/${body.locator}`)).status).toBe(404);
    expect((await stranger.get('/statements')).body).toEqual({ statements: [] });
    expect((await (await billing.api(tenantId, ['billing:read'])).post('/statements', {})).status).toBe(403);
  });
});

describe('a payment of a statement', () => {
  it('pays what was open on it, and nothing that was billed later', async () => {
    await policy();
    await issuedBefore(day(-10));
    const { body } = await state({ periodEnd: day(-5) });
    await policy();
    await pay(3000, { statementLocator: body.locator });
    expect((await api.get<Statement>(`/statements/${body.locator}`)).body.amountDue).toBe('0.00');
    const rows = await billing.sql<{ state: string }>(
      'SELECT state FROM invoices WHERE tenant_id = $1 ORDER BY number',
      [tenantId],
    );
    expect(rows.map((each) => each.state)).toEqual(['paid', 'open']);
    const [fund] = await billing.sql('SELECT owner_type, balance_minor FROM unapplied_funds WHERE tenant_id = $1', [
      tenantId,
    ]);
    expect(fund).toEqual({ owner_type: 'policyholder', balance_minor: '433' });
  });
});

describe('the monthly cycle', () => {
  /** The first of the nth month after this one. */
  const month = (n: number) => {
    const now = new Date();
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, 1)).toISOString().slice(0, 10);
  };

  it('makes the statement of each month once, where it is wanted, and none of nothing', async () => {
    const clock = answerTestClocks(billing, tenantId);
    const walk = (to: string) => api.post('/test-clocks/advance', { to });
    const statements = async () => (await api.get<{ statements: Statement[] }>('/statements')).body.statements;
    await issue(api, { policyholderLocator, plan: 'full-pay' });
    await issue(api, { policyholderLocator: 'PH-later', effectiveDate: month(12) });
    await walk(month(1));
    expect(await statements()).toEqual([]);
    await api.send('PUT', '/billing-settings', { body: { statementCycle: 'monthly' } });
    await pay(30_800, { effectiveDate: `${month(1).slice(0, 8)}05` });
    await walk(month(3));
    await clock.stop();
    const told = (await statements()).map((each) => {
      return [each.periodStart, each.periodEnd, each.openingBalance, each.closingBalance];
    });
    expect(told.reverse()).toEqual([
      [month(0), month(1), '0.00', '308.00'],
      [month(1), month(2), '308.00', '0.00'],
    ]);
  }, 60_000);
});
