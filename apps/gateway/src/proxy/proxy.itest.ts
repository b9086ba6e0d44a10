import { request } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { credentialsOf, gatewayEnv, newTenant, seedTenants, startGateway, Upstream } from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';
import { newClientSecret } from '../credentials/credential.ts';

const tenant = newTenant();
const impatient = newTenant();
let database: TestDatabase;
let upstream: Upstream;
let gateway: RunningService;

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, tenant, impatient);
  gateway = await startGateway(gatewayEnv(database.appUrl, upstream.url));
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});

beforeEach(() => upstream.reset());

function call(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { ...init, headers: { ...credentialsOf(tenant), ...init.headers } });
}

/** Plain HTTP, for what `fetch` does not let through. */
function raw(path: string, options: RequestOptions, body?: Readable | string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(gateway.url!);
  const headers = { ...credentialsOf(tenant), ...(options.headers as Record<string, string>) };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, ...options, headers }, resolve).on('error', reject);
    if (body instanceof Readable) body.pipe(outgoing);
    else outgoing.end(body);
  });
}

describe('what reaches a service', () => {
  it('is the request: method, path, query, body', async () => {
    const body = '{"amount": 100.10, "x":1}';
    const answer = await call('/payments?a=1&b=%2F', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    expect([upstream.last.method, upstream.last.url]).toEqual(['POST', '/payments?a=1&b=%2F']);
    expect(upstream.bodies[0]?.toString()).toBe(body);
    expect(upstream.last.headers['content-type']).toBe('application/json');
  });

  it('is with trace, idempotency key and request id', async () => {
    const sent = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'vendor=1',
      'idempotency-key': '"key-1"',
      accept: 'application/json',
      'x-request-id': 'request-0001',
    };
    const answer = await call('/payments', { headers: sent });
    expect(upstream.last.headers).toMatchObject(sent);
    expect(answer.headers.get('x-request-id')).toBe('request-0001');
  });

  it('is without credentials, cookies, and headers that claim to come from inside', async () => {
    const dropped = {
      cookie: 'a=b',
      forwarded: 'for=10.0.0.1',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-tenant-id': 'another',
      'x-client-anything': 'x',
      'x-internal-debug': '1',
      te: 'trailers',
      connection: 'keep-alive, x-client-anything',
    };
    await raw('/payments', { headers: { ...dropped, 'x-forwarded-for': '10.0.0.1' } });
    const { headers } = upstream.last;
    const kept = ['x-client-id', 'x-client-secret', ...Object.keys(dropped)].filter((name) => name in headers);
    expect(kept.filter((name) => name !== 'connection')).toEqual([]);
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers.authorization).toMatch(/^Bearer /);
    expect(JSON.stringify(headers)).not.toContain(tenant.clientSecret);
  });

  it.each(['GET', 'DELETE'])(
    'is a %s without the body that it may not have, and it does not wait for one',
    async (method) => {
      const path = method === 'GET' ? '/payments' : '/webhook-endpoints/1';
      const answer = await raw(path, { method, headers: { 'content-type': 'application/json' } });
      expect([answer.statusCode, upstream.bodies[0]?.length]).toEqual([200, 0]);
    },
  );

  it('is over kept connections: 40 requests in turn open one', async () => {
    for (let i = 0; i < 40; i++) await (await call('/payments')).text();
    expect(upstream.requests).toHaveLength(40);
    expect(upstream.sockets.size).toBe(1);
  });
});

describe('what comes back', () => {
  it("is the service's answer, status, headers and body, without what is internal", async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(201, {
        'content-type': 'application/json',
        'idempotent-replayed': 'true',
        location: '/payments/1',
        server: 'nest',
        'x-powered-by': 'us',
        'x-internal-node': 'a',
        'set-cookie': 'a=b',
      });
      response.end('{"locator":"1"}');
    };
    const answer = await call('/payments', { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([201, { locator: '1' }]);
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    expect(answer.headers.get('location')).toBe('/payments/1');
    for (const name of ['server', 'x-powered-by', 'x-internal-node', 'set-cookie'])
      expect(answer.headers.get(name)).toBeNull();
  });

  it("is the service's own problem document", async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"code":"unknown_payment_method"}');
    };
    const answer = await call('/payments', { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([422, { code: 'unknown_payment_method' }]);
  });

  it('streams: the first bytes are there while the service still writes, and 20 MiB come whole', async () => {
    let finish: () => void = () => undefined;
    const piece = Buffer.alloc(64 * 1024, 'x');
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('first');
      finish = () => Readable.from(Array.from({ length: 320 }, () => piece)).pipe(response);
    };
    const reader = (await call('/journal-entries')).body!.getReader();
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe('first');
    finish();
    let bytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read())
      bytes += (next.value as Uint8Array).length;
    expect(bytes).toBe(320 * piece.length);
  });

  it('is 503, not 401, when the service refuses our token: the caller can do nothing about it', async () => {
    upstream.answer = (_request, response) => response.writeHead(401).end();
    const answer = await call('/payments');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.json()).toMatchObject({ code: 'unavailable' });
  });
});

describe('limits', () => {
  const limit = 1024 * 1024;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };

  it('takes a body of just the limit', async () => {
    const answer = await raw('/payments', post, 'x'.repeat(limit));
    expect([answer.statusCode, upstream.bodies[0]?.length]).toEqual([200, limit]);
  });

  it('answers 413 to a longer one before reading it', async () => {
    const answer = await raw('/payments', post, 'x'.repeat(limit + 1));
    expect(answer.statusCode).toBe(413);
    expect(upstream.requests).toHaveLength(0);
  });

  it('answers 413 to one that does not say how long it is', async () => {
    const chunks = Readable.from(Array.from({ length: 17 }, () => Buffer.alloc(64 * 1024, 'x')));
    const answer = await raw('/payments', post, chunks);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      413,
      'application/problem+json; charset=utf-8',
    ]);
    expect(upstream.bodies).toHaveLength(0);
  });

  it('passes a chunked body within the limit as it is', async () => {
    const answer = await raw('/payments', post, Readable.from(['{"a"', ':1}']));
    expect([answer.statusCode, upstream.bodies[0]?.toString()]).toEqual([200, '{"a":1}']);
  });

  it('says with every answer what is left, and answers 429 when nothing is', async () => {
    const small = await startGateway({
      ...gatewayEnv(database.appUrl, upstream.url),
      RATE_LIMIT_PER_SECOND: '1',
      RATE_LIMIT_BURST: '3',
    });
    try {
      const ask = (who: typeof tenant) => fetch(`${small.url}/payments`, { headers: credentialsOf(who) });
      const answers = [await ask(tenant), await ask(tenant), await ask(tenant), await ask(tenant)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
      expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"client";q=3;w=3');
      expect(answers[0]!.headers.get('ratelimit')).toBe('"client";r=2;t=1');
      expect(answers[3]!.headers.get('retry-after')).toBe('1');
      expect(await answers[3]!.json()).toMatchObject({ code: 'rate_limited' });
      expect((await ask(impatient)).status).toBe(200);
    } finally {
      await small.stop();
    }
  });

  it('lets an address that fails too often wait, but not a client behind it that was right a moment ago', async () => {
    const small = await startGateway({ ...gatewayEnv(database.appUrl, upstream.url), AUTH_FAILURES_BURST: '3' });
    try {
      const ask = (headers: Record<string, string>) => fetch(`${small.url}/payments`, { headers });
      const guess = () => ask({ ...credentialsOf(impatient), 'x-client-secret': newClientSecret('test') });
      expect((await ask(credentialsOf(tenant))).status).toBe(200);
      const answers = [await guess(), await guess(), await guess(), await guess()];
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
      expect(answers[3]!.headers.get('retry-after')).toBe('1');
      expect((await ask(credentialsOf(tenant))).status).toBe(200);
    } finally {
      await small.stop();
    }
  });
});

describe('a service in trouble', () => {
  it('that is down is 503 with Retry-After', async () => {
    const gone = await Upstream.start();
    const { url } = gone;
    await gone.stop();
    const lonely = await startGateway(gatewayEnv(database.appUrl, url));
    try {
      const answer = await fetch(`${lonely.url}/payments`, { headers: credentialsOf(tenant) });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({
        code: 'unavailable',
        detail: 'The payments service is not available.',
      });
      expect((await fetch(`${lonely.url}/openapi.json`)).status).toBe(503);
    } finally {
      await lonely.stop();
    }
  });

  it('that ends the connection is asked once more for a GET, and never for a POST', async () => {
    upstream.answer = (incoming, response) => {
      if (upstream.requests.length === 1) incoming.socket.destroy();
      else response.end('{}');
    };
    expect((await call('/payments')).status).toBe(200);
    expect(upstream.requests).toHaveLength(2);
    upstream.requests = [];
    expect(
      (await call('/payments', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(503);
    expect(upstream.requests).toHaveLength(1);
  });

  it('that breaks off a long answer breaks off ours: half of it must not look whole', async () => {
    upstream.answer = (incoming, response) => {
      response.writeHead(200, { 'content-length': '1000000' }).write('half', () => incoming.socket.destroy());
    };
    const answer = await call('/payments');
    await expect(answer.text()).rejects.toThrow();
  });

  it('that breaks off a short answer is 503, with nothing left of that answer', async () => {
    upstream.answer = (incoming, response) => {
      const headers = { 'content-length': '1000', etag: '"1"', 'content-type': 'text/csv' };
      response.writeHead(200, headers).write('half', () => incoming.socket.destroy());
    };
    const answer = await call('/payments');
    expect([answer.status, answer.headers.get('etag')]).toEqual([503, null]);
    expect(await answer.json()).toMatchObject({ code: 'unavailable' });
  });

  it('may answer HEAD with the length of what it does not send, and 204 with nothing', async () => {
    upstream.answer = (_request, response) => response.writeHead(200, { 'content-length': '42' }).end();
    const head = await call('/payments', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '42']);
    upstream.answer = (_request, response) => response.writeHead(204).end();
    expect((await call('/webhook-endpoints/1', { method: 'DELETE' })).status).toBe(204);
  });

  it('that is slow is 503 after the time-out, but for a route that has a longer one', async () => {
    const hasty = await startGateway({ ...gatewayEnv(database.appUrl, upstream.url), UPSTREAM_TIMEOUT_MS: '200' });
    const waiting: (() => void)[] = [];
    upstream.answer = (_request, response) => waiting.push(() => response.end('{}'));
    try {
      const ask = (path: string, method: string) =>
        fetch(`${hasty.url}${path}`, { method, headers: credentialsOf(tenant) });
      const patient = ask('/test-clocks/advance', 'POST');
      const answer = await ask('/payments', 'POST');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(((await answer.json()) as { detail: string }).detail).toContain('did not answer in time');
      for (const finish of waiting) finish();
      expect((await patient).status).toBe(200);
    } finally {
      await hasty.stop();
    }
  });
});
