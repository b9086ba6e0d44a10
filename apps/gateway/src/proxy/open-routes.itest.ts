import type { RunningService } from '@quittance/service-kit/bootstrap';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { credentialsOf, gatewayEnv, newTenant, seedTenants, startGateway, Upstream } from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';

const tenant = newTenant();
let database: TestDatabase;
let upstream: Upstream;
let gateway: RunningService;

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, tenant);
  gateway = await startGateway({
    ...gatewayEnv(database.appUrl, upstream.url),
    OPEN_RATE_LIMIT_PER_SECOND: '1',
    OPEN_RATE_LIMIT_BURST: '8',
  });
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});

beforeEach(() => upstream.reset());

const form = { 'content-type': 'application/x-www-form-urlencoded' };

it('lets everybody through to an open route, and tells the service of nobody', async () => {
  const sent = {
    ...credentialsOf(tenant),
    authorization: 'Bearer a.b.c',
    cookie: 'a=b',
    'x-forwarded-for': '10.0.0.1',
  };
  expect((await fetch(`${gateway.url}/pay/abc`, { headers: sent })).status).toBe(200);
  const { headers, url } = upstream.last;
  expect(url).toBe('/pay/abc');
  expect(['authorization', 'cookie', 'x-client-id', 'x-client-secret'].filter((name) => name in headers)).toEqual([]);
  expect(headers['x-forwarded-for']).toBe('127.0.0.1');
});

it('hands on the headers that a route names, there and nowhere else', async () => {
  const sent = { ...form, origin: 'https://a.test', 'sec-fetch-site': 'cross-site', 'webhook-signature': 'v1,x' };
  await fetch(`${gateway.url}/pay/abc`, { method: 'POST', headers: sent, body: 'token=tok_visa' });
  expect(upstream.last.headers).toMatchObject({ ...form, origin: 'https://a.test', 'sec-fetch-site': 'cross-site' });
  expect(upstream.last.headers).not.toHaveProperty('webhook-signature');
  expect(upstream.bodies[0]?.toString()).toBe('token=tok_visa');

  await fetch(`${gateway.url}/provider-notifications/sandbox`, { method: 'POST', headers: sent, body: '{ "a":1}' });
  expect(upstream.last.headers).toMatchObject({ 'webhook-signature': 'v1,x' });
  expect(upstream.last.headers).not.toHaveProperty('origin');
  // A signature covers the bytes.
  expect(upstream.bodies[1]?.toString()).toBe('{ "a":1}');
});

it('takes a small form only, and the methods of the path only', async () => {
  const post = { method: 'POST', headers: form };
  expect((await fetch(`${gateway.url}/pay/abc`, { ...post, body: 'x'.repeat(16 * 1024 + 1) })).status).toBe(413);
  const answer = await fetch(`${gateway.url}/pay/abc`, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD']);
  expect(upstream.requests).toHaveLength(0);
});

it('fetches the keys of a webhook endpoint for whoever names it, to be cached as the service says', async () => {
  upstream.answer = (_request, response) =>
    response.writeHead(200, { 'cache-control': 'public, max-age=300' }).end('{"keys":[]}');
  const path = '/.well-known/webhooks-jwks.json?endpoint=0199a3c4-7f1e-7b52-9c1d-3e5f60718293';
  const answer = await fetch(`${gateway.url}${path}`, { headers: credentialsOf(tenant) });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=300']);
  expect(upstream.last.url).toBe(path);
  expect(upstream.last.headers).not.toHaveProperty('authorization');
});

it('passes on a page as it is, with its own security headers', async () => {
  upstream.answer = (_request, response) => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" };
    response.writeHead(410, { ...headers, 'cache-control': 'no-store' }).end('<p>gone</p>');
  };
  const answer = await fetch(`${gateway.url}/pay/abc`);
  expect([answer.status, await answer.text()]).toEqual([410, '<p>gone</p>']);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
});

it('lets an address that asks too often wait, there only', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await fetch(`${gateway.url}/pay/abc`)).status);
  expect(statuses.at(-1)).toBe(429);
  const refused = await fetch(`${gateway.url}/pay/abc`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
  const notified = await fetch(`${gateway.url}/provider-notifications/sandbox`, { method: 'POST', headers: form });
  expect(notified.status).toBe(200);
  expect((await fetch(`${gateway.url}/payments`, { headers: credentialsOf(tenant) })).status).toBe(200);
});

it("does not take a provider's own references for card numbers, where it takes those of others", async () => {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify({ trace: '4111111111111111' });
  expect((await fetch(`${gateway.url}/provider-notifications/sandbox`, { ...sent, body })).status).toBe(200);
  const others = { ...sent, headers: { ...sent.headers, ...credentialsOf(tenant) }, body };
  expect((await fetch(`${gateway.url}/payments`, others)).status).toBe(422);
});

it('tells a provider whose signature was refused so, and does not call that a fault of ours', async () => {
  upstream.answer = (_request, response) => response.writeHead(401).end('{"code":"unauthorized"}');
  const notified = await fetch(`${gateway.url}/provider-notifications/sandbox`, { method: 'POST', body: '{}' });
  expect(notified.status).toBe(401);
  expect((await fetch(`${gateway.url}/payments`, { headers: credentialsOf(tenant) })).status).toBe(503);
});
