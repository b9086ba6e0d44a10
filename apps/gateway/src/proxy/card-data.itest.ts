import { Readable } from 'node:stream';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { credentialsOf, gatewayEnv, newTenant, seedTenants, startGateway, Upstream } from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';

const PAN = '4111111111111111';
const UUID = '41111111-1111-4111-8111-111111111111';
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

const tenant = newTenant();
let database: TestDatabase;
let upstream: Upstream;
let gateway: RunningService;

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, tenant);
  gateway = await startGateway(gatewayEnv(database.appUrl, upstream.url));
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});

beforeEach(() => upstream.reset());

const call = (path: string, init: RequestInit & { duplex?: 'half' } = {}) =>
  fetch(`${gateway.url}${path}`, { ...init, headers: { ...credentialsOf(tenant), ...init.headers } });
const post = (body: string, headers: Record<string, string>) => call('/payments', { method: 'POST', body, headers });

describe('card data does not get through the door', () => {
  const refused = async (answer: Response) => {
    const text = await answer.text();
    expect([answer.status, (JSON.parse(text) as { code: string }).code]).toEqual([422, 'card_data_not_accepted']);
    expect(text).not.toMatch(/4111|1111/);
    expect(upstream.requests).toHaveLength(0);
    return (JSON.parse(text) as { errors: object[] }).errors;
  };

  it.each([
    ['JSON', `{"a":{"b":"x ${PAN}"}}`, json, '/a/b'],
    ['JSON with escapes', '{"a":"\\u0034111 1111 1111 1111"}', json, '/a'],
    ['JSON of another name', `{"a":${PAN}}`, { 'content-type': 'application/merge-patch+json' }, '/a'],
    ['what says that it is JSON', `{"a": ${PAN}`, json, ''],
    ['a form', 'a=1&b=4111+1111+1111+1111', form, '/b/0'],
    ['a security code in a form', 'cvv=123', form, '/cvv'],
  ])('in a body: %s', async (_what, body, headers, pointer) => {
    expect(await refused(await post(body, headers))).toMatchObject([{ pointer }]);
  });

  it('in a body that does not say how long it is', async () => {
    const body = Readable.toWeb(Readable.from([`{"a":"41111111`, `11111111"}`])) as ReadableStream;
    await refused(await call('/payments', { method: 'POST', body, headers: json, duplex: 'half' }));
  });

  it.each([
    [`/payments/${PAN}`, {}, { parameter: 'locator' }],
    ['/payments?policyLocator=4111%201111%201111%201111', {}, { parameter: 'policyLocator' }],
    [`/payments?${PAN}`, {}, { parameter: 'query' }],
    ['/payments', { 'user-agent': `x ${PAN}` }, { header: 'user-agent' }],
    ['/payments', { 'if-none-match': PAN }, { header: 'if-none-match' }],
  ])('in %s with %j', async (path, headers, place) => {
    expect(await refused(await call(path, { headers }))).toMatchObject([place]);
  });

  it('in the request for a token', async () => {
    const body = `grant_type=client_credentials&client_id=${PAN}&client_secret=x`;
    const answer = await fetch(`${gateway.url}/oauth/token`, { method: 'POST', body, headers: form });
    expect(answer.status).toBe(422);
    expect(await answer.text()).not.toContain(PAN);
  });

  it('and is not looked for where the caller has not said who it is', async () => {
    const answer = await fetch(`${gateway.url}/payments/${PAN}`);
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain(PAN);
  });
});

describe('what gets through', () => {
  it('is a JSON body byte for byte, with UUIDs and amounts', async () => {
    const body = ` {"id": "${UUID}", "amount": 100.10, "x":[]}\n`;
    expect((await post(body, { ...json, 'idempotency-key': PAN })).status).toBe(200);
    expect(upstream.bodies[0]?.toString()).toBe(body);
    expect(upstream.last.headers).toMatchObject({ ...json, 'content-length': String(body.length) });
    expect(upstream.last.headers['idempotency-key']).toBe(PAN);
  });

  it('is what is not JSON though it says so: the service refuses it', async () => {
    expect((await post('{"a":', json)).status).toBe(200);
    expect(upstream.bodies[0]?.toString()).toBe('{"a":');
  });

  it('is a file as it comes: who stores it masks it', async () => {
    expect((await post(`a;${PAN}`, { 'content-type': 'text/csv' })).status).toBe(200);
    expect(upstream.bodies[0]?.toString()).toBe(`a;${PAN}`);
  });

  it('is a large file with its digest, on the route of files; JSON stays small there, too', async () => {
    const path = `/payments/${UUID}/media`;
    const large = 'x'.repeat(2 * 1024 * 1024);
    const headers = { 'content-type': 'text/plain', 'content-digest': 'sha-256=:AAAA:' };
    expect((await call(path, { method: 'POST', body: large, headers })).status).toBe(200);
    expect([upstream.bodies[0]?.length, upstream.last.headers['content-digest']]).toEqual([
      large.length,
      headers['content-digest'],
    ]);
    expect((await call(path, { method: 'POST', body: JSON.stringify(large), headers: json })).status).toBe(413);
    expect(upstream.requests).toHaveLength(1);
  });

  it('is a request without the vendor state of a trace that looks like a card number', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-4111111111111111-01';
    expect((await call('/payments', { headers: { traceparent, tracestate: `v=${PAN}` } })).status).toBe(200);
    expect(upstream.last.headers['traceparent']).toBe(traceparent);
    expect(upstream.last.headers).not.toHaveProperty('tracestate');
  });
});
