import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import { FakeClock } from '@quittance/testing/fake-clock';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { decodeJwt } from 'jose';
import {
  credentialsOf,
  gatewayEnv,
  newTenant,
  seedTenants,
  SIGNING_KEY,
  startGateway,
  Upstream,
} from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';
import { isOpen, routes } from '../routes.ts';
import type { Route } from '../routes.ts';
import { SigningKeys } from './signing-keys.ts';
import { Tokens } from './tokens.ts';

const tenant = newTenant();
const reader = newTenant({ scopes: ['webhooks:read', 'payments:write'] });
const patient = newTenant();
const endpointIds = [newId(), newId()];
let database: TestDatabase;
let upstream: Upstream;
let gateway: RunningService;

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, tenant, reader, patient);
  const limits = { RATE_LIMIT_BURST: '300', RATE_LIMIT_PER_SECOND: '1' };
  gateway = await startGateway({ ...gatewayEnv(database.appUrl, upstream.url), ...limits });
});
afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});
beforeEach(() => upstream.reset());

interface Issued {
  token: string;
  expiresAt: string;
  scope: string;
  endpointIds: string[] | null;
}

async function ask(body?: unknown, headers: Record<string, string> = credentialsOf(tenant)) {
  const answer = await fetch(`${gateway.url}/webhook-portal/token`, {
    method: 'POST',
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
}

const issued = async (body?: object) => (await ask(body)).body as Issued;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const call = (method: string, path: string, token: string) =>
  fetch(`${gateway.url}${path}`, { method, headers: bearer(token) });

describe('POST /webhook-portal/token', () => {
  it('201: for webhooks, for these endpoints, for an hour', async () => {
    const before = Date.now();
    const { status, headers, body } = await ask({ endpointIds: [...endpointIds, endpointIds[0]!.toUpperCase()] });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ scope: 'webhooks:read webhooks:write', endpointIds });
    const claims = decodeJwt(body.token);
    expect(claims).toMatchObject({
      ...{ tenant: tenant.id, sub: tenant.clientId, aud: 'quittance', scope: body.scope },
      portal: { endpoints: endpointIds },
    });
    expect(claims.exp! - claims.iat!).toBe(3_600);
    const expiresAt = Date.parse(body.expiresAt);
    expect(expiresAt).toBeGreaterThan(before + 3_598_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });

  it('without a body it is for every endpoint of the tenant; read-only it only reads; shorter if asked', async () => {
    const all = await issued();
    expect([all.endpointIds, decodeJwt(all.token)['portal']]).toEqual([null, { endpoints: null }]);
    const short = await issued({ readOnly: true, ttlSeconds: 60 });
    expect(short.scope).toBe('webhooks:read');
    const { exp, iat } = decodeJwt(short.token);
    expect(exp! - iat!).toBe(60);
  });

  it.each<[unknown, string]>([
    [{ ttlSeconds: 3_601 }, '/ttlSeconds'],
    [{ ttlSeconds: 59 }, '/ttlSeconds'],
    [{ ttlSeconds: 60.5 }, '/ttlSeconds'],
    [{ endpointIds: [] }, '/endpointIds'],
    [{ endpointIds: ['all'] }, '/endpointIds'],
    [{ endpointIds: Array.from({ length: 101 }, () => newId()) }, '/endpointIds'],
    [{ readOnly: 'yes' }, '/readOnly'],
    [{ scope: 'payments:write' }, '/scope'],
    [[], ''],
  ])('400: %j', async (body, pointer) => {
    const answer = await ask(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: any) => error.pointer)).toContain(pointer);
  });

  it('400 for what is no JSON, 413 for what is too large, 415 for another type, 405 for another method', async () => {
    expect((await ask('{')).status).toBe(400);
    expect((await ask({ endpointIds: ['x'.repeat(20_000)] })).status).toBe(413);
    const headers = { ...credentialsOf(tenant), 'content-type': 'text/plain' };
    expect((await fetch(`${gateway.url}/webhook-portal/token`, { method: 'POST', headers, body: 'x' })).status).toBe(
      415,
    );
    expect((await fetch(`${gateway.url}/webhook-portal/token`, { headers: credentialsOf(tenant) })).status).toBe(405);
  });

  it('401 without a credential, 403 without the scope to write, and for the token of a portal', async () => {
    expect((await ask({}, {})).status).toBe(401);
    expect((await ask({}, credentialsOf(reader))).status).toBe(403);
    const { token } = await issued();
    const again = await ask({}, bearer(token));
    expect([again.status, again.body.code]).toEqual([403, 'forbidden']);
  });

  it('422: a card number is not repeated to anybody', async () => {
    const answer = await ask({ endpointIds: ['4242424242424242'] });
    expect([answer.status, answer.body.code]).toEqual([422, 'card_data_not_accepted']);
    expect(JSON.stringify(answer.body)).not.toContain('4242');
  });
});

describe('the token of a portal', () => {
  it('opens the routes of webhooks and no other one', async () => {
    const { token } = await issued({ endpointIds });
    const opened = new Set<string>();
    const closed = routes.filter((route) => !isOpen(route.scope));
    const isForPortals = ({ service, scope }: Route) => service === 'webhooks' && scope !== 'webhooks:erase';
    for (const route of closed) {
      const { method, path, scope, service } = route;
      const { status } = await call(method, path.replace(/\{\w+\}/g, newId()), token);
      const expected = path.startsWith('/x/') ? 401 : isForPortals(route) ? 200 : 403;
      expect([method, path, scope, status]).toEqual([method, path, scope, expected]);
      if (status === 200) opened.add(service);
    }
    expect([...opened]).toEqual(['webhooks']);
    expect(upstream.requests.length).toBe(closed.filter(isForPortals).length);
  });

  it('tells the service what it is for, in a token of five minutes', async () => {
    const { token } = await issued({ endpointIds });
    expect((await call('GET', '/webhook-endpoints', token)).status).toBe(200);
    const claims = decodeJwt(String(upstream.last.headers.authorization).slice('Bearer '.length));
    expect(claims).toMatchObject({ aud: 'webhooks', tenant: tenant.id, portal: { endpoints: endpointIds } });
    expect(claims.exp! - claims.iat!).toBe(300);
  });

  it('of one that only reads: writing is 403', async () => {
    const { token } = await issued({ readOnly: true });
    expect((await call('GET', '/webhook-endpoints', token)).status).toBe(200);
    expect((await call('POST', '/webhook-endpoints', token)).status).toBe(403);
  });

  it('is over after an hour, whatever it was asked to be', async () => {
    const clock = new FakeClock(new Date());
    const tokens = new Tokens(new SigningKeys(SIGNING_KEY), 'quittance', clock);
    const principal = { tenantId: tenant.id, clientId: tenant.clientId, currency: 'USD', scopes: ['webhooks:read'] };
    const token = await tokens.issuePortalToken(principal, { endpointIds: null }, 1_000_000);
    clock.advance(3_599_000);
    expect(await tokens.verifyAccessToken(token)).toMatchObject({ portal: { endpointIds: null } });
    clock.advance(2_000);
    expect(await tokens.verifyAccessToken(token)).toBeNull();
    clock.advance(-7_300_000);
    const old = await tokens.issuePortalToken(principal, { endpointIds: null }, 3_600);
    expect((await call('GET', '/webhook-endpoints', old)).status).toBe(401);
  });

  it('uses up what portals may ask for, not what its client lives on', async () => {
    const { token } = (await ask({}, credentialsOf(patient))).body as Issued;
    const answers = await Promise.all(Array.from({ length: 310 }, () => call('GET', '/webhook-endpoints', token)));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    const own = await fetch(`${gateway.url}/webhook-endpoints`, { headers: credentialsOf(patient) });
    expect(own.status).toBe(200);
  });
});
