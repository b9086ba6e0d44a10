import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { PartnerApi, signedHeaders, STRICT } from '@quittance/testing/partner-api';
import type { Signing, ToSign } from '@quittance/testing/partner-api';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { newApiKey, newApiSecret } from '../credentials/credential.ts';
import { credentialsOf, gatewayEnv, newPartner, seedTenants, startGateway, Upstream } from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';

const acme = newPartner();
const strict = newPartner({ partnerId: 'STRICT', profile: 'strict' });
/** Of the same tenant as `acme`. */
const rival = newPartner({ id: acme.id, partnerId: 'RIVAL' });
let database: TestDatabase;
let upstream: Upstream;
let gateway: RunningService;

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, acme, strict, rival);
  gateway = await startGateway({ ...gatewayEnv(database.appUrl, upstream.url), AUTH_FAILURES_BURST: '100000' });
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});

beforeEach(() => upstream.reset());

const quotes = (partnerId = acme.partnerId) => `/x/partners/${partnerId}/quotes/`;
const body = '{ "currency": "USD", "amount": 100.10 }';
const strictly: Signing = { headers: STRICT };
const apiOf = (key: typeof acme, signing?: Signing) => new PartnerApi(gateway.url!, key, signing);

const instalments = (of: string) => `/x/partners/STRICT/bookings/${of}/instalments/`;

/** A strict request as it was signed, of which `changed` is something else when it is sent. */
async function sendChanged({ path, ...changed }: Partial<ToSign> & { path?: string }, signed: Partial<ToSign> = {}) {
  const original: ToSign = { method: 'POST', url: `${gateway.url}${instalments('one')}`, body, ...signed };
  const headers = signedHeaders(strict, original, strictly);
  const sent = { ...original, ...changed, ...(path === undefined ? {} : { url: `${gateway.url}${path}` }) };
  return fetch(sent.url, {
    method: sent.method,
    headers: { ...headers, 'content-type': 'application/json', ...changed.headers },
    ...(sent.method === 'GET' ? {} : { body: sent.body ?? '' }),
  });
}

async function isRefused(answer: Response): Promise<void> {
  const { instance, ...problem } = (await answer.json()) as Record<string, unknown>;
  expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([401, 'application/problem+json']);
  expect(instance).toEqual(answer.headers.get('x-request-id'));
  expect(problem).toEqual({
    type: expect.stringContaining('unauthorized') as string,
    title: 'Authentication is required',
    status: 401,
    code: 'unauthorized',
    detail: 'A valid signature is required.',
  });
  expect(upstream.requests).toHaveLength(0);
}

describe('a signed request', () => {
  it('of the document, which signs the date alone, reaches billing byte for byte as that partner', async () => {
    const answer = await apiOf(acme).send('POST', quotes(), { body });
    expect(answer.status).toBe(200);
    expect([upstream.last.method, upstream.last.url]).toEqual(['POST', '/x/partners/ACME/quotes']);
    expect(upstream.bodies[0]?.toString()).toBe(body);
    const [, claims = ''] = upstream.last.headers.authorization!.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: 'billing',
      sub: acme.apiKey,
      tenant: acme.id,
      partner: 'ACME',
      scope: 'billing:read billing:write',
    });
    const dropped = ['date', 'x-api-key', 'digest'].filter((name) => name in upstream.last.headers);
    expect(dropped).toEqual([]);
    expect(answer.headers.get('ratelimit')).toMatch(/^"client";r=\d+/);
  });

  it.each([undefined, strictly])('is taken with and without a slash at the end of its path: %j', async (signing) => {
    for (const path of [quotes(), quotes().slice(0, -1)])
      expect((await apiOf(acme, signing).send('POST', path, { body })).status).toBe(200);
    expect(new Set(upstream.requests.map(({ url }) => url))).toEqual(new Set(['/x/partners/ACME/quotes']));
  });

  it('of the strict profile is taken where the key is of either', async () => {
    for (const key of [acme, strict])
      expect((await apiOf(key, strictly).send('POST', quotes(key.partnerId), { body })).status).toBe(200);
    const path = '/x/partners/STRICT/bookings/one/instalments/';
    expect((await apiOf(strict, strictly).get(path)).status).toBe(200);
  });

  it.each(['hmac-sha512', 'hmac-sha384', 'hmac-sha256'] as const)('may use %s', async (algorithm) => {
    expect((await apiOf(acme, { algorithm }).send('POST', quotes(), { body })).status).toBe(200);
  });

  it('needs no X-API-Key, but one that it has is the key', async () => {
    const url = `${gateway.url}${quotes()}`;
    const { 'x-api-key': _, ...headers } = signedHeaders(acme, { method: 'POST', url, body });
    expect((await fetch(url, { method: 'POST', headers })).status).toBe(200);
    const other = { ...headers, 'x-api-key': rival.apiKey };
    expect((await fetch(url, { method: 'POST', headers: other })).status).toBe(401);
  });

  it('counts where it proves little', async () => {
    const before = await weakOnes();
    await apiOf(acme).send('POST', quotes(), { body });
    await apiOf(acme, strictly).send('POST', quotes(), { body });
    expect(await weakOnes()).toBe(before + 1);
  });
});

describe('a strict request that was tampered with is refused', () => {
  const elsewhere = new Date(Date.now() - 1000).toUTCString();
  const tampered: [string, Parameters<typeof sendChanged>[0]][] = [
    ['its body', { body: body.replace('100.10', '900.10') }],
    ['one space of its body', { body: `${body} ` }],
    ['no body', { body: '' }],
    ['its method', { method: 'GET' }],
    ['its path', { path: instalments('two') }],
    ['a query', { path: `${instalments('one')}?a=1` }],
    ['no slash at the end of its path', { path: instalments('one').slice(0, -1) }],
    ['its date', { headers: { date: elsewhere } }],
    ['its digest', { headers: { digest: `SHA-256=${Buffer.alloc(32).toString('base64')}` } }],
    ['its idempotency key', { headers: { 'idempotency-key': randomUUID() } }],
    ['its API key', { headers: { 'x-api-key': acme.apiKey } }],
  ];

  it.each(tampered)('with %s', async (_what, changed) => isRefused(await sendChanged(changed)));

  it('and as it was it is taken', async () => {
    expect((await sendChanged({})).status).toBe(200);
    expect((await sendChanged({}, { method: 'GET', body: '' })).status).toBe(200);
  });

  it('with a body that no digest was made of, whatever its type', async () => {
    const answer = await sendChanged({ headers: { 'content-type': 'text/plain' } });
    expect(answer.status).toBe(415);
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('a signature', () => {
  it('of the strict profile is good once, also at the same time', async () => {
    const url = `${gateway.url}${instalments('one')}`;
    const headers = signedHeaders(strict, { method: 'POST', url, body }, strictly);
    const send = () =>
      fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)]);
    upstream.reset();
    await isRefused(await send());
  });

  it('is not used up by a body that somebody changed on the way', async () => {
    const url = `${gateway.url}${instalments('one')}`;
    const headers = signedHeaders(strict, { method: 'POST', url, body }, strictly);
    const json = { ...headers, 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers: json, body: `${body} ` })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', headers: json, body })).status).toBe(200);
  });

  it('over the date alone is good for every honest request of that second', async () => {
    const date = new Date().toUTCString();
    for (let n = 0; n < 3; n++) expect((await apiOf(acme, { date }).send('POST', quotes(), { body })).status).toBe(200);
  });

  it.each([
    [acme, 'ACME', 290, 200],
    [acme, 'ACME', -290, 200],
    [acme, 'ACME', 310, 401],
    [acme, 'ACME', -310, 401],
    [strict, 'STRICT', 50, 200],
    [strict, 'STRICT', 70, 401],
    [strict, 'STRICT', -70, 401],
  ])('%# is held to its window', async (key, partnerId, secondsAgo, status) => {
    const date = new Date(Date.now() - secondsAgo * 1000).toUTCString();
    const signing = key === strict ? { ...strictly, date } : { date };
    expect((await apiOf(key, signing).send('POST', quotes(partnerId), { body })).status).toBe(status);
  });

  it('of the weak profile is none for a key of the strict one', async () => {
    await apiOf(strict, strictly).send('POST', quotes('STRICT'), { body });
    const answer = await apiOf(strict).send('POST', quotes('STRICT'), { body });
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthorized']);
  });

  it.each([
    ['another secret', { ...acme, apiSecret: newApiSecret('test') }],
    ["a neighbour's secret", { ...acme, apiSecret: rival.apiSecret }],
    ['a key that nobody has', { ...acme, apiKey: newApiKey('test') }],
    ['a key of no form', { ...acme, apiKey: 'test-key' }],
  ])('with %s is refused in the same words', async (_what, key) => {
    const url = `${gateway.url}${quotes()}`;
    await isRefused(await fetch(url, { method: 'POST', headers: signedHeaders(key, { method: 'POST', url }) }));
  });
});

describe('the paths of partners', () => {
  const send = (path: string, headers: Record<string, string>) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });

  it('take no credential of a client', async () => {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    form.set('client_id', acme.clientId);
    form.set('client_secret', acme.clientSecret);
    const issued = await fetch(`${gateway.url}/oauth/token`, { method: 'POST', body: form });
    const { access_token: token } = (await issued.json()) as { access_token: string };
    await isRefused(await send(quotes(), {}));
    await isRefused(await send(quotes(), credentialsOf(acme)));
    await isRefused(await send(quotes(), { authorization: `Bearer ${token}` }));
    const url = `${gateway.url}${quotes()}`;
    await isRefused(await send(quotes(), { ...signedHeaders(acme, { method: 'POST', url }), ...credentialsOf(acme) }));
  });

  it('are the only ones that take a signature', async () => {
    const api = apiOf(acme);
    for (const path of ['/plans', '/payments', '/invoices']) expect((await api.get(path)).status).toBe(401);
  });

  it('of another partner do not exist, in the same tenant or not', async () => {
    for (const partnerId of ['RIVAL', 'STRICT', 'NOBODY', 'acme', 'ACME%20']) {
      const { status, body: problem } = await apiOf(acme).send('POST', quotes(partnerId), { body });
      expect([partnerId, status, problem['code']]).toEqual([partnerId, 404, 'not_found']);
    }
    expect((await apiOf(rival).send('POST', quotes('RIVAL'), { body })).status).toBe(200);
  });

  it('are one path with one slash at the end, not with two or none between', async () => {
    for (const path of ['/x/partners/ACME/quotes//', '/x/partners//quotes/', '/x/partners/ACME/./quotes/'])
      expect(await rawStatus(path)).toBe(404);
    const answer = await fetch(`${gateway.url}${quotes()}`, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

/** As `fetch` would not send it: with the path as it is. */
function rawStatus(path: string): Promise<number | undefined> {
  const { hostname, port, origin } = new URL(gateway.url!);
  const headers = signedHeaders(acme, { method: 'POST', url: `${origin}/` });
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: 'POST', headers }, (answer) => resolve(answer.statusCode));
    sent.on('error', reject).end();
  });
}

const weakOnes = async () => {
  const counter = metrics.registry.getSingleMetric('auth_weak_profile_total');
  return (await counter!.get()).values[0]?.value ?? 0;
};
