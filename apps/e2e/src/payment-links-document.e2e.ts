import { eventually } from '@quittance/testing/eventually';
import { credentials, stack } from './stack.ts';

/** A client written against the printed links API: curl as it stands there, with the content type it has by itself. */
type Json = Record<string, any>;

const printed = `{
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
  }`;
const links = '/api/v1/payment-links';

async function curl(method: string, path: string, data?: string): Promise<[number, Json]> {
  const headers = { ...credentials(stack.demo), 'content-type': 'application/x-www-form-urlencoded' };
  const body = data === undefined ? {} : { body: data };
  const answer = await fetch(`${stack.info.gatewayUrl}${path}`, { method, headers, ...body });
  return [answer.status, (await answer.json()) as Json];
}

async function pay(url: string): Promise<void> {
  const page = await (await fetch(url)).text();
  const form = /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ form, token: 'tok_visa' });
  const headers = { origin: new URL(url).origin };
  expect((await fetch(url, { method: 'POST', body, redirect: 'manual', headers })).status).toBe(303);
}

it('makes, lists, shows and cancels a link as printed', async () => {
  const [status, link] = await curl('POST', links, printed);
  expect([status, link['status'], link['amount_cents'], link['installment_plan']]).toEqual([
    ...[201, 'active', 250000],
    { count: 10, interval: 'monthly', per_installment_cents: 75000 },
  ]);
  const query =
    'carrier_id=680abc456def789012345678&employer_id=681xyz789abc123456789012&status=active&page=1&limit=50';
  const [, page] = await curl('GET', `${links}?${query}`);
  expect(page).toMatchObject({ page: 1, limit: 50, data: expect.arrayContaining([link]) as unknown });
  expect(await curl('GET', `${links}/${link['id']}`)).toEqual([200, link]);
  const [cancelled, gone] = await curl('DELETE', `${links}/${link['id']}`);
  expect([cancelled, gone['status']]).toEqual([200, 'cancelled']);
});

it('starts ten instalments of $750.00 once the insured has paid, and gives money back in parts and whole', async () => {
  const [, link] = await curl('POST', links, printed);
  await pay(link['url'] as string);
  const paid = await eventually(async () => {
    const [, found] = await curl('GET', `${links}/${link['id']}`);
    return found['subscription_id'] ? found : undefined;
  });
  expect(paid).toMatchObject({ status: 'completed', amount_refunded_cents: 0 });
  const [, subscription] = await curl('GET', `/api/v1/subscriptions/${paid['subscription_id']}`);
  expect(subscription).toMatchObject({ status: 'active', amount_cents: 75000, interval: 'monthly', count: 10 });

  const refund = `${links}/${link['id']}/refund`;
  const isRefunded = (state: string) =>
    eventually(async () => (await curl('GET', `${links}/${link['id']}`))[1]['status'] === state);
  expect((await curl('POST', refund, '{"amount_cents": 50000, "reason": "Overpaid"}'))[0]).toBe(200);
  await isRefunded('partially_refunded');
  expect((await curl('POST', refund, '{}'))[0]).toBe(200);
  await isRefunded('refunded');
  expect((await curl('POST', refund, '{"amount_cents": 1}'))[0]).toBe(422);
});
