import { randomUUID } from 'node:crypto';
import { eventually } from '@quittance/testing/eventually';
import { apiOf, credentials, stack } from './stack.ts';

/** Subscriptions from the first cent to the last, by the test clock of a tenant of their own. */
type Json = Record<string, any>;

const api = apiOf(stack.subscriber);
const subscriptions = '/api/v1/subscriptions';
const links = '/api/v1/payment-links';

/** As curl sends what the document prints: without a word about what the body is. */
async function curl(path: string, data: string): Promise<[number, Json]> {
  const headers = { ...credentials(stack.subscriber), 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(`${stack.info.gatewayUrl}${path}`, { method: 'POST', headers, body: data });
  return [answer.status, (await answer.json()) as Json];
}

const get = async (path: string) => (await api.get<Json>(path)).body;
const advance = async (to: string) => {
  const { status, body } = await api.post<Json>('/test-clocks/advance', { to });
  expect([status, body['businessDate']]).toEqual([200, to]);
};
const today = async () => (await get('/test-clocks'))['businessDate'] as string;
const dayAfter = (date: string) => new Date(Date.parse(`${date}T12:00Z`) + 86_400_000).toISOString().slice(0, 10);
const subscriptionIs = (id: string, fits: (one: Json) => boolean) =>
  eventually(
    async () => {
      const found = await get(`${subscriptions}/${id}`);
      return fits(found) ? found : undefined;
    },
    { timeoutMs: 20_000 },
  );

async function payPage(url: string, token = 'tok_visa'): Promise<string> {
  const page = await (await fetch(url)).text();
  const form = /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const headers = { origin: new URL(url).origin };
  const body = new URLSearchParams({ form, token });
  expect((await fetch(url, { method: 'POST', body, redirect: 'manual', headers })).status).toBe(303);
  return page;
}

/** What invoices of a subscription come to. */
async function invoicedOf(policyholder: string, id: string): Promise<Json[]> {
  const { invoices } = await get('/invoices?pageSize=500');
  return (invoices as Json[]).filter(
    (one) => one['subscriptionId'] === id || one['policyholderLocator'] === policyholder,
  );
}

beforeAll(async () => {
  // From here on the tenant lives on its test clock.
  await advance(await today());
});

it('S-12: a paid link starts ten payments of $750.00; the last of them completes it', async () => {
  const [status, link] = await curl(
    links,
    `{
    "employer_id": "681xyz789abc123456789012",
    "carrier_id": "680abc456def789012345678",
    "policy_id": "682def789ghi012345678901",
    "amount_cents": 250000,
    "payment_type": "down_payment",
    "customer": {
      "name": "Smith Industries",
      "email": "[email protected]"
    },
    "installment_plan": {
      "count": 10,
      "per_installment_cents": 75000
    }
  }`,
  );
  expect(status).toBe(201);
  await payPage(link['url'] as string);
  const { subscription_id: id } = await eventually(async () => {
    const found = await get(`${links}/${link['id']}`);
    return found['subscription_id'] ? found : undefined;
  });
  const started = await get(`${subscriptions}/${id}`);
  expect(started).toMatchObject({ status: 'active', amount_cents: 75_000, count: 10, collected_count: 0 });

  for (let month = 1; month <= 10; month += 1) {
    const { next_charge_date: next } = await get(`${subscriptions}/${id}`);
    await advance(next as string);
    await subscriptionIs(id, (one) => one['collected_count'] === month);
  }
  expect(await get(`${subscriptions}/${id}`)).toMatchObject({
    ...{ status: 'completed', collected_count: 10, next_charge_date: null },
  });
  const invoices = await invoicedOf('681xyz789abc123456789012', id as string);
  expect(invoices.map(({ type, state, total }) => [type, state, total])).toEqual(
    Array.from({ length: 10 }, () => ['subscription', 'paid', '750.00']),
  );
  const balance = await eventually(async () => {
    const { USD } = await get('/trial-balance');
    const code = (wanted: string) => (USD.accounts as Json[]).find((one) => one['code'] === wanted)?.['balance'];
    return code('1200') === '0.00' ? { total: USD.total, unearned: code('2010') } : undefined;
  });
  expect(balance).toEqual({ total: '0.00', unearned: '-7500.00' });
}, 240_000);

it('a month that is declined is past due, and its retry recovers it', async () => {
  const employer = `E-${randomUUID()}`;
  const { body: link } = await api.post<Json>(links, {
    ...{ employer_id: employer, carrier_id: 'C-1', policy_id: 'P-2', amount_cents: 1000 },
    ...{ payment_type: 'down_payment', installment_plan: { count: 2, per_installment_cents: 2000 } },
  });
  await payPage(link['url'] as string);
  const mine = async () => ((await get(`${subscriptions}?employer_id=${employer}`))['data'] as Json[])[0];
  const { id, next_charge_date: next } = await eventually(mine);
  const card = { token: 'tok_declined_once', policyholderLocator: employer };
  const { body: method } = await api.post<Json>('/payment-methods', card);
  const changed = await api.send<Json>('PUT', `${subscriptions}/${id}/payment-method`, {
    body: { payment_method_id: method['id'] },
  });
  expect(changed).toMatchObject({ status: 200, body: { payment_method_id: method['id'] } });
  await advance(next as string);
  await subscriptionIs(id as string, (one) => one['status'] === 'past_due');
  await advance(dayAfter(next as string));
  await subscriptionIs(id as string, (one) => one['status'] === 'active' && one['collected_count'] === 1);
}, 120_000);

it('one that is made over the API asks by a link, and charges what its first payment stored', async () => {
  const employer = `E-${randomUUID()}`;
  const [status, made] = await curl(
    subscriptions,
    `{ "employer_id": "${employer}", "carrier_id": "C-1", "policy_id": "P-3", "amount_cents": 5000,
       "customer": { "name": "Smith Industries", "email": "pay@smith.example" } }`,
  );
  expect([status, made['status'], made['interval'], made['collected_count']]).toEqual([201, 'active', 'monthly', 0]);
  const id = made['id'] as string;
  const list = `${links}?employer_id=${employer}`;
  const link = await eventually(async () => ((await get(list))['data'] as Json[])[0]);
  expect(link).toMatchObject({ amount_cents: 5000, payment_type: 'installment', subscription_id: id });
  expect(await payPage(link['url'] as string)).toContain('This is a payment of your subscription');
  await subscriptionIs(id, (one) => one['collected_count'] === 1 && one['payment_method_id'] !== undefined);
  await advance(made['next_charge_date'] as string);
  await subscriptionIs(id, (one) => one['collected_count'] === 2);
  expect((await get(list))['total']).toBe(1);
  expect((await api.send('DELETE', `${subscriptions}/${id}`)).body).toMatchObject({ status: 'cancelled' });
}, 120_000);
