import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { attempt, ninety, partnerOf, places, priced } from '../testing/partner.itest.ts';
import type { Partner, Problem } from '../testing/partner.itest.ts';

let billing: Billing;
let partner: Partner;
const tenantId = newId();

beforeAll(async () => {
  billing = await startBilling();
  partner = partnerOf(await billing.partnerApi(tenantId, 'ACME'));
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

const year = new Date().getUTCFullYear();
/** Its first instalment alone is due. */
const current = {
  ...{
    policy_start_date: new Date().toISOString(),
    policy_end_date: `${year + 1}${new Date().toISOString().slice(4)}`,
  },
  premium: '90.00',
};
const collected = (id: string) =>
  billing.sql<{ outcome: string; failures: unknown; credit_id: string | null }>(
    `SELECT c.outcome, c.failures, c.credit_id FROM partner_collections c
       JOIN partner_quotes q ON q.tenant_id = c.tenant_id AND q.id = c.quote_id
      WHERE q.package_id = $1 ORDER BY c.id`,
    [id],
  );

describe('POST …/instalments/ PAID, 200', () => {
  it('makes the instalment paid in the transaction that says so, with money of the partner', async () => {
    const { id, quotes } = await partner.booked(current);
    const first = await partner.nextOf(id);
    const { status, body } = await partner.confirm(id, [attempt(first)]);
    expect([status, body]).toEqual([200, await partner.read(id)]);
    expect(body.quotes[0]).toMatchObject({
      total_amount_paid: 7.5,
      total_amount_due: 82.5,
      next_payment: { number: 2 },
    });
    const said = await billing.eventsAbout(first!.id);
    expect(said.map(({ type }) => type)).toEqual(['instalment.billed', 'instalment.due', 'instalment.paid']);
    const [{ credit_id: creditId } = { credit_id: null }] = await collected(id);
    const created = await billing.said('credit.created', creditId!);
    expect(created.data).toMatchObject({
      ...{ kind: 'partner', source: 'partner_collection', policyLocator: quotes[0]?.policy_locator },
      ...{ amount: { amount: '7.50' }, balance: { amount: '0.00' } },
    });
  });

  it('may come before the due date: the invoice is issued for it, and nobody is told that it is due', async () => {
    const { id } = await partner.booked(current);
    for (const number of [1, 2, 3]) {
      const { status, body } = await partner.confirm(id, [attempt(await partner.nextOf(id))]);
      expect([number, status, body.quotes[0]?.next_payment?.number]).toEqual([number, 200, number + 1]);
    }
    const third = (await partner.read(id)).quotes[0]?.payment_schedule[2];
    const said = await billing.eventsAbout(third!.id);
    expect(said.map(({ type, sequence }) => `${type} ${Number(sequence)}`)).toEqual([
      'instalment.billed 1',
      'instalment.paid 2',
    ]);
  });

  it('takes a whole year, and then nothing is left: no next payment, all of it covered', async () => {
    const { id } = await partner.booked(priced);
    const [quote] = (await partner.read(id)).quotes;
    const { status, body } = await partner.confirm(
      id,
      quote!.payment_schedule.map((each) => attempt(each)),
    );
    expect(status).toBe(200);
    expect(body.quotes[0]).toMatchObject({
      ...{ next_payment: null, total_amount_paid: 308, total_amount_due: 0 },
      paid_until: '2022-08-25T00:00:00.000Z',
    });
    const late = await partner.confirm<Problem>(id, [attempt(quote!.payment_schedule[11])]);
    expect([late.status, late.body.code]).toEqual([409, 'instalment_not_next']);
  });

  it('is one payment for one Idempotency-Key, and without one a second is refused', async () => {
    const { id } = await partner.booked(ninety);
    const body = [attempt(await partner.nextOf(id))];
    const key = { 'idempotency-key': newId() };
    const [first, second] = [await partner.confirm(id, body, key), await partner.confirm(id, body, key)];
    expect([first.status, second.status, second.body]).toEqual([200, 200, first.body]);
    const third = await partner.confirm<Problem>(id, body);
    expect([third.status, third.body.code, places(third.body)]).toEqual([
      409,
      'instalment_not_next',
      ['/quotes/0/instalment_id'],
    ]);
    expect(await collected(id)).toHaveLength(1);
  });

  it('of eight at a time takes one', async () => {
    const { id } = await partner.booked(ninety);
    const body = [attempt(await partner.nextOf(id))];
    const answers = await Promise.all(Array.from({ length: 8 }, () => partner.confirm(id, body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(7).fill(409)]);
    expect((await partner.read(id)).quotes[0]?.total_amount_paid).toBe(7.5);
  });
});

describe('POST …/instalments/ PAID, while a subscription of the policy is in other hands', () => {
  it('waits for it before it takes the counter of invoice numbers, which comes last', async () => {
    const { id, quotes } = await partner.booked(current);
    await partner.confirm(id, [attempt(await partner.nextOf(id))]);
    const second = await partner.nextOf(id);
    const client = await billing.api(tenantId);
    const owners = { employer_id: 'E-1', carrier_id: 'C-1', policy_id: quotes[0]?.policy_locator };
    const made = await client.post('/api/v1/subscriptions', {
      ...owners,
      amount_cents: 100,
      customer: { email: 'a@example.org' },
    });
    expect([made.status, made.body]).toEqual([201, expect.anything()]);
    const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const elsewhere = billing.service.app.get(Database).tx(async (tx) => {
      await tx.query('SELECT FROM subscriptions WHERE tenant_id = $1 FOR NO KEY UPDATE', [tenantId]);
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    const confirmed = partner.confirm(id, [attempt(second)]);
    await eventually(async () => (await billing.sql('SELECT FROM pg_locks WHERE NOT granted')).length > 0);
    const counter = billing.sql('SELECT FROM invoice_counters WHERE tenant_id = $1 FOR UPDATE NOWAIT', [tenantId]);
    await expect(counter.finally(released.resolve)).resolves.toHaveLength(1);
    await elsewhere;
    expect((await confirmed).status).toBe(200);
  });
});

describe('POST …/instalments/ FAILED, 200', () => {
  it('is recorded with what failed, owes as before, and is shown until it is paid', async () => {
    const { id } = await partner.booked(ninety);
    const first = await partner.nextOf(id);
    const failures = { code: 'insufficient_funds', attempts: 2 };
    const failed = { payment_status: 'FAILED', payment_failures: failures };
    const { status, body } = await partner.confirm(id, [attempt(first, failed)]);
    expect([status, body.quotes[0]?.next_payment]).toEqual([
      200,
      expect.objectContaining({ id: first?.id, status: 'UNPAID', payment_failures: failures }),
    ]);
    expect(body.quotes[0]).toMatchObject({ total_amount_paid: 0, total_amount_due: 90, paid_until: null });
    const paid = await partner.confirm(id, [attempt(first)]);
    expect(paid.body.quotes[0]?.payment_schedule[0]).toMatchObject({ status: 'PAID', payment_failures: null });
    expect(await collected(id)).toEqual([
      { outcome: 'failed', failures, credit_id: null },
      { outcome: 'paid', failures: null, credit_id: expect.any(String) as string },
    ]);
  });
});

describe('POST …/instalments/ of several quotes', () => {
  it('takes all of them or none', async () => {
    const { id } = await partner.booked(priced, ninety);
    const [one, other] = [await partner.nextOf(id, 0), await partner.nextOf(id, 1)];
    const second = (await partner.read(id)).quotes[1]?.payment_schedule[1];
    const wrong = await partner.confirm<Problem>(id, [attempt(one), attempt(second)]);
    expect([wrong.status, places(wrong.body)]).toEqual([409, ['/quotes/1/instalment_id']]);
    expect(await collected(id)).toEqual([]);
    const { status, body } = await partner.confirm(id, [attempt(one), attempt(other)]);
    expect([status, body.quotes.map((quote) => quote.total_amount_paid)]).toEqual([200, [25.67, 7.5]]);
  });
});

describe('POST …/instalments/, 422', () => {
  it('the number 0 that the document prints, and whatever else names no instalment, all at once', async () => {
    const { id } = await partner.booked(ninety);
    const { id: elsewhere } = await partner.booked(ninety);
    const [first, foreign] = [await partner.nextOf(id), await partner.nextOf(elsewhere)];
    const { status, body } = await partner.confirm<Problem>(id, [
      attempt(first, { instalment_number: 0 }),
      attempt(first, { instalment_number: 2 }),
      attempt(first, { instalment_id: newId() }),
      attempt(first, { instalment_id: foreign?.id }),
      attempt(foreign),
    ]);
    expect([status, body.code]).toEqual([422, 'unknown_instalment']);
    expect(places(body)).toEqual([
      ...['/quotes/0/instalment_number', '/quotes/1/instalment_number'],
      ...['/quotes/2/instalment_id', '/quotes/3/instalment_id', '/quotes/4/id'],
    ]);
    expect(await collected(id)).toEqual([]);
  });
});

describe('POST …/instalments/, 400', () => {
  it('a body that is none, with every place', async () => {
    const { id } = await partner.booked(ninety);
    const first = await partner.nextOf(id);
    const wrong = [
      attempt(first, { payment_status: 'MAYBE', payment_failures: 'none', surprise: 1 }),
      attempt(first, { instalment_number: 1.5, payment_attempted_date: '2019-08-24', instalment_id: 'one' }),
      attempt(first, { payment_failures: { text: 'x'.repeat(9_000) } }),
    ];
    const { status, body } = await partner.confirm<Problem>(id, wrong);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect([...new Set(places(body))].toSorted()).toEqual([
      ...['/quotes/0/payment_failures', '/quotes/0/payment_status', '/quotes/0/surprise'],
      ...['/quotes/1/instalment_id', '/quotes/1/instalment_number', '/quotes/1/payment_attempted_date'],
      '/quotes/2/payment_failures',
    ]);
  });
});

describe('a policy that ends early', () => {
  it('leaves nothing to collect of what was cut off, and what was collected stays', async () => {
    const { id, quotes } = await partner.booked(current);
    await partner.confirm(id, [attempt(await partner.nextOf(id))]);
    const client = await billing.api(tenantId);
    const path = `/policies/${quotes[0]?.policy_locator}/transactions`;
    const cancellation = { type: 'cancellation', effectiveDate: new Date().toISOString().slice(0, 10) };
    const ended = await client.post(path, { ...cancellation, reason: 'insured_request', method: 'flat' });
    expect([ended.status, ended.body]).toEqual([201, expect.anything()]);
    const [quote] = (await partner.read(id)).quotes;
    expect(quote).toMatchObject({ next_payment: null, total_amount_paid: 7.5, total_amount_due: 0 });
    expect(quote?.payment_schedule.map(({ number, status }) => `${number} ${status}`)).toEqual(['1 PAID']);
  });
});

describe('the database', () => {
  it('refuses a payment without money, and takes nothing back that was said', async () => {
    const { id } = await partner.booked(ninety);
    await partner.confirm(id, [attempt(await partner.nextOf(id))]);
    const change = (sql: string) => billing.sql(sql, [id]);
    const own = `quote_id IN (SELECT id FROM partner_quotes WHERE package_id = $1)`;
    await expect(change(`UPDATE partner_collections SET credit_id = NULL WHERE ${own}`)).rejects.toThrow('has_money');
    await expect(change(`UPDATE partner_quotes SET plan = NULL WHERE package_id = $1`)).rejects.toThrow('booked_whole');
    const grants = await billing.sql<{ grants: string }>(
      `SELECT string_agg(privilege_type, ' ' ORDER BY 1) AS grants FROM information_schema.role_table_grants
        WHERE table_name = 'partner_collections' AND grantee = 'billing_app'`,
    );
    expect(grants).toEqual([{ grants: 'INSERT SELECT' }]);
  });
});
