import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { pay, stateOf, typesOf } from '../testing/notifier.itest.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments();
});
afterAll(() => payments.stop());

interface Flag {
  id: string;
  state: string;
  reason: string;
  amount?: string;
}
interface Page {
  items: Flag[];
  nextCursor: string | null;
}

const tenantId = newId();
const flagsOf = async (tenant: string, query: string) =>
  (await (await payments.api(tenant)).get<Page>(`/payment-flags?${query}`)).body;

/** S-97: asked for 100.00, the provider confirms 10.00. */
async function mismatch(tenant = tenantId) {
  const { locator } = await pay(payments, tenant, { token: 'tok_wrong_amount' });
  const { items } = await flagsOf(tenant, `paymentLocator=${locator}`);
  return { locator, flag: items[0]! };
}

const resolve = async (tenant: string, id: string, resolution: string) =>
  (await payments.api(tenant)).post<Flag & { errors?: unknown[] }>(`/payment-flags/${id}/resolve`, { resolution });

describe('a wrong amount', () => {
  it('is flagged in the transaction of the outcome, with what was confirmed', async () => {
    const { locator, flag } = await mismatch();
    expect(flag).toMatchObject({ reason: 'amount_mismatch', state: 'open', amount: '10.00', currency: 'USD' });
    expect(await stateOf(payments, tenantId, locator)).toBe('ready');
    const events = await payments.eventsOf(locator);
    expect(events.map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
      ['payment.created', 1],
      ['payment.processing', 2],
      ['payment.flagged', 3],
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      flag: { flagId: flag.id, reason: 'amount_mismatch', amount: { amountMinor: 1_000 } },
    });
  });

  it('that a person accepts is posted to suspense, and what was asked for is declined', async () => {
    const { locator, flag } = await mismatch();
    const answer = await resolve(tenantId, flag.id, 'accept_confirmed');
    expect(answer).toMatchObject({
      status: 200,
      body: { id: flag.id, state: 'resolved', resolution: 'accept_confirmed', resolvedBy: 'client' },
    });
    expect(await stateOf(payments, tenantId, locator)).toBe('declined');
    expect((await typesOf(payments, locator)).slice(-2)).toEqual(['payment.failed', 'payment.declined']);
    const taken = await payments.sql<{ id: string }>('SELECT * FROM payments WHERE retry_of = $1', [locator]);
    expect(taken).toMatchObject([{ state: 'posted', amount_minor: '1000', to_suspense: true, provider: 'sandbox' }]);
    expect((await resolve(tenantId, flag.id, 'reviewed')).status).toBe(409);
    expect((await resolve(tenantId, flag.id, 'accept_confirmed')).status).toBe(409);
    expect(await payments.sql('SELECT 1 FROM payments WHERE retry_of = $1', [locator])).toHaveLength(1);
  });

  it('is accepted once when ten people do it at once', async () => {
    const { locator, flag } = await mismatch();
    const answers = await Promise.all(Array.from({ length: 10 }, () => resolve(tenantId, flag.id, 'accept_confirmed')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
    expect(await payments.sql('SELECT 1 FROM payments WHERE retry_of = $1', [locator])).toHaveLength(1);
  });
});

describe('flags', () => {
  it('are listed by state and payment, page by page', async () => {
    const tenant = newId();
    const first = await mismatch(tenant);
    const second = await mismatch(tenant);
    await resolve(tenant, first.flag.id, 'reviewed');
    const ids = async (query: string) => (await flagsOf(tenant, query)).items.map(({ id }) => id);
    expect(await ids('state=open')).toEqual([second.flag.id]);
    expect(await ids('state=resolved')).toEqual([first.flag.id]);
    expect(await ids(`paymentLocator=${second.locator}`)).toEqual([second.flag.id]);
    const page = await flagsOf(tenant, 'limit=1');
    expect(page.items.map(({ id }) => id)).toEqual([second.flag.id]);
    expect(await ids(`limit=1&cursor=${page.nextCursor}`)).toEqual([first.flag.id]);
  });

  it('are refused what they are not', async () => {
    const { flag } = await mismatch();
    expect(await resolve(tenantId, flag.id, 'ignored')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/resolution' }] },
    });
    expect((await resolve(newId(), flag.id, 'reviewed')).status).toBe(404);
    expect((await resolve(tenantId, newId(), 'reviewed')).status).toBe(404);
    const reader = await payments.api(tenantId, { granted: ['payments:read'] });
    expect((await reader.post(`/payment-flags/${flag.id}/resolve`, { resolution: 'reviewed' })).status).toBe(403);
    expect((await (await payments.api(tenantId)).get('/payment-flags?state=maybe')).status).toBe(400);
  });

  it('are one while nobody has looked, however often the provider says the same', async () => {
    const { locator, flag } = await mismatch();
    const again = `INSERT INTO payment_flags (tenant_id, id, payment_id, reason, opened_at)
      SELECT tenant_id, gen_random_uuid(), payment_id, reason, now() FROM payment_flags WHERE id = $1`;
    await expect(payments.sql(again, [flag.id])).rejects.toMatchObject({ constraint: 'payment_flags_one_open' });
    await eventually(async () => (await flagsOf(tenantId, `paymentLocator=${locator}`)).items.length === 1);
  });
});
