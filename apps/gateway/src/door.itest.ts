import type { RunningService } from '@quittance/service-kit/bootstrap';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { FakeClock } from '@quittance/testing/fake-clock';
import { decodeJwt } from 'jose';
import { newClientId, newClientSecret } from './credentials/credential.ts';
import {
  credentialsOf,
  gatewayEnv,
  newTenant,
  seedTenants,
  SIGNING_KEY,
  startGateway,
  Upstream,
} from './gateway.fixture.ts';
import { migrations } from './migrations/all.ts';
import { SigningKeys } from './tokens/signing-keys.ts';
import { Tokens } from './tokens/tokens.ts';

const tenant = newTenant();
const reader = newTenant({ scopes: ['payments:read'] });
let database: TestDatabase;
let upstream: Upstream;
let gateway: RunningService;

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, tenant, reader);
  gateway = await startGateway(gatewayEnv(database.appUrl, upstream.url));
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});

beforeEach(() => upstream.reset());

function get(path: string, headers: Record<string, string> = credentialsOf(tenant)): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { headers });
}

const tokens = (clock: FakeClock) => new Tokens(new SigningKeys(SIGNING_KEY), 'quittance', clock);
const principalOf = ({ id, clientId, currency }: typeof tenant, scopes = ['payments:read']) => ({
  tenantId: id,
  clientId,
  currency,
  scopes,
});

describe('401, whatever the reason, with the same answer', () => {
  const good = credentialsOf(tenant);
  const bad = 'The credentials are not valid.';
  const cases: [string, Record<string, string>, string][] = [
    ['no credentials', {}, 'Credentials are required.'],
    ['a secret that is no secret', { ...good, 'x-client-secret': 'guess' }, bad],
    ['another secret', { ...good, 'x-client-secret': newClientSecret('test') }, bad],
    ['an unknown client', { ...good, 'x-client-id': newClientId('test') }, bad],
    ["another client's secret", { ...good, 'x-client-id': reader.clientId }, bad],
    ['an id alone', { 'x-client-id': tenant.clientId }, bad],
    ['a token that is none', { authorization: 'Bearer a.b.c' }, bad],
    ['Basic', { authorization: `Basic ${btoa(`${tenant.clientId}:${tenant.clientSecret}`)}` }, bad],
  ];
  it.each(cases)('%s', async (_name, headers, detail) => {
    const answer = await get('/payments', headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'unauthorized', status: 401, detail });
    expect(upstream.requests).toHaveLength(0);
  });

  it('an expired token', async () => {
    const token = await tokens(new FakeClock(new Date(Date.now() - 301_000))).issueAccessToken(principalOf(tenant));
    expect((await get('/payments', { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('an internal token: what a service was handed opens no door', async () => {
    const token = await tokens(new FakeClock(new Date())).internalToken(principalOf(tenant), 'payments');
    expect((await get('/payments', { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('two credentials at once: which of them counts would be a guess', async () => {
    const token = await tokens(new FakeClock(new Date())).issueAccessToken(principalOf(tenant));
    expect((await get('/payments', { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await get('/payments', { authorization: `Bearer ${token}`, ...good })).status).toBe(401);
  });
});

describe('the route table', () => {
  it('lets a client with the scope through, as itself, to the one service', async () => {
    expect((await get('/payments')).status).toBe(200);
    const claims = decodeJwt(upstream.last.headers.authorization!.replace('Bearer ', ''));
    expect(claims).toMatchObject({
      iss: 'quittance',
      aud: 'payments',
      sub: tenant.clientId,
      tenant: tenant.id,
      currency: 'USD',
    });
    expect(String(claims['scope']).split(' ')).toContain('payments:read');
    expect(claims.exp! - claims.iat!).toBeLessThanOrEqual(300);
  });

  it('answers 403 without the scope and asks no service', async () => {
    const answer = await get('/invoices', credentialsOf(reader));
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'forbidden']);
    expect((await get('/payments', credentialsOf(reader))).status).toBe(200);
    expect(upstream.requests).toHaveLength(1);
  });

  it.each(['/', '/nothing', '/payments/1/nothing', '/health/live', '/metrics', '/payments/', '//payments'])(
    'answers 404 for %s',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({ code: 'not_found', status: 404 });
    },
  );

  it.each(['/payments/%2e%2e', '/payments/%2E/reverse', '/payments/a\\..\\x'])(
    'answers 404 for %s, which a service could read as another path',
    async (path) => {
      const { hostname, port } = new URL(gateway.url!);
      const { request } = await import('node:http');
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const method = path.endsWith('reverse') ? 'POST' : 'GET';
        request({ hostname, port, path, method, headers: credentialsOf(tenant) }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(status).toBe(404);
      expect(upstream.requests).toHaveLength(0);
    },
  );

  it.each([
    ['DELETE', '/payments', 'POST, GET, HEAD'],
    ['PUT', '/webhook-endpoints/1', 'GET, PATCH, DELETE, HEAD'],
    ['GET', '/oauth/token', 'POST'],
    ['POST', '/docs', 'GET, HEAD'],
    ['GET', '/payments/1/reverse', 'POST'],
  ])('answers 405 for %s %s and says what is allowed', async (method, path, allow) => {
    const answer = await fetch(`${gateway.url}${path}`, { method, headers: credentialsOf(tenant) });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(await answer.json()).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('POST /oauth/token', () => {
  const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form), headers });
  const grant = { grant_type: 'client_credentials' };
  const inForm = { client_id: tenant.clientId, client_secret: tenant.clientSecret };

  it('gives a token that works, for credentials in the form and in Basic', async () => {
    const basic = { authorization: `Basic ${btoa(`${tenant.clientId}:${tenant.clientSecret}`)}` };
    for (const answer of [await ask({ ...grant, ...inForm }), await ask(grant, basic)]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const body = (await answer.json()) as { access_token: string };
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
      expect((await get('/payments', { authorization: `Bearer ${body.access_token}` })).status).toBe(200);
    }
  });

  it('gives fewer scopes when asked, and then only those work', async () => {
    const answer = await ask({ ...grant, ...inForm, scope: 'payments:read' });
    const { access_token, scope } = (await answer.json()) as { access_token: string; scope: string };
    expect(scope).toBe('payments:read');
    expect((await get('/payments', { authorization: `Bearer ${access_token}` })).status).toBe(200);
    expect((await get('/invoices', { authorization: `Bearer ${access_token}` })).status).toBe(403);
  });

  it.each([
    ['no grant type', inForm, 400, 'invalid_request'],
    ['another grant', { ...inForm, grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no credentials', grant, 401, 'invalid_client'],
    ['a wrong secret', { ...grant, ...inForm, client_secret: newClientSecret('test') }, 401, 'invalid_client'],
    ['a scope it has not', { ...grant, ...inForm, scope: 'everything' }, 400, 'invalid_scope'],
    ['a form of 9 KiB', { ...grant, ...inForm, scope: 'x'.repeat(9_216) }, 413, 'invalid_request'],
  ])('refuses %s as RFC 6749 says', async (_name, form, status, error) => {
    const answer = await ask(form);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { error, error_description: expect.any(String) as string },
    ]);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Basic');
  });

  it('refuses JSON, which the grant does not have', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/oauth/token`, { method: 'POST', body: JSON.stringify(grant), headers });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });
});

describe('what needs no credential', () => {
  it('publishes the public keys, and no private one', async () => {
    const answer = await get('/.well-known/jwks.json', {});
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(new SigningKeys(SIGNING_KEY).published);
  });

  it('explains every problem at the address of its type, and no other', async () => {
    const { type } = (await (await get('/payments', {})).json()) as { type: string };
    expect(type).toBe('/docs/problems/unauthorized');
    const page = await get(type, {});
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('get a new token, check the secret');
    expect((await get('/docs/problems/toString', {})).status).toBe(404);
  });

  it('serves the merged document and a page of it that runs nothing', async () => {
    const paths = { '/payments': { get: { responses: {} } }, '/internal': { get: { responses: {} } } };
    upstream.answer = (_request, response) => response.end(JSON.stringify({ openapi: '3.1.0', info: {}, paths }));
    const document = (await (await get('/openapi.json', {})).json()) as { paths: object };
    expect(Object.keys(document.paths).sort()).toEqual([
      ...['/.well-known/jwks.json', '/oauth/token', '/payments', '/webhook-portal/token'],
    ]);
    const page = await get('/docs', {});
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('/payments');
  });

  it.each(['/docs', '/nothing', '/payments', '/.well-known/jwks.json'])(
    'says on %s what a browser may do',
    async (path) => {
      const { headers } = await get(path, {});
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^[\w.-]{8,64}$/);
    },
  );
});
