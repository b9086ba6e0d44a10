import { createPublicKey, verify } from 'node:crypto';
import { newId } from '@quittance/service-kit/id';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { Api } from '@quittance/testing/api';
import { createEndpoint, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env());
});
afterAll(async () => {
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  api = await infrastructure.api(service.url, tenantId);
});

const url = 'https://partner.example/hooks';
const rotate = (id: string, body?: object, headers?: Record<string, string>) =>
  api.post<any>(`/webhook-endpoints/${id}/rotate-secret`, body, headers);
const secretsOf = async (id: string) => (await api.get<any>(`/webhook-endpoints/${id}/secrets`)).body.items as any[];
const keySet = (id: string) => new Api(service.url ?? '').get<any>(`/.well-known/webhooks-jwks.json?endpoint=${id}`);
const inSeconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

describe('POST /webhook-endpoints with signing', () => {
  it('v1a: a public key instead of a secret; the seed never leaves, not even for a replay', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await api.post<any>('/webhook-endpoints', { url, signing: 'v1a' }, key);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ secret: null, publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/) });
    expect((await api.post<any>('/webhook-endpoints', { url, signing: 'v1a' }, key)).body).toEqual(first.body);
    expect(await secretsOf(first.body.id)).toEqual([
      {
        ...{ id: first.body.secretId, kind: 'v1a', notBefore: first.body.createdAt, expiresAt: null },
        publicKey: first.body.publicKey,
      },
    ]);
  });

  it.each(['v2', null, ''])('400: signing %j', async (signing) => {
    const { status, body } = await api.post<any>('/webhook-endpoints', { url, signing });
    expect([status, body.errors.map(({ pointer }: any) => pointer)]).toEqual([400, ['/signing']]);
    expect((await api.get<any>('/webhook-endpoints')).body.items).toEqual([]);
  });
});

describe('POST /webhook-endpoints/{id}/rotate-secret', () => {
  it('201: a new secret now, shown this once; the old one ends in a day', async () => {
    const made = await createEndpoint(api, url);
    const { status, body } = await rotate(made.id);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ id: expect.any(String), kind: 'v1', notBefore: expect.any(String), expiresAt: null, publicKey: null },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    expect(body.secret).not.toBe(made.secret);
    const [newest, oldest, ...others] = await secretsOf(made.id);
    expect(others).toEqual([]);
    const { secret: _, ...shown } = body;
    expect(newest).toEqual(shown);
    expect(inSeconds(body.notBefore, oldest.expiresAt)).toBe(86_400);
  });

  it('shows the same secret when it is repeated with its Idempotency-Key, and stores it sealed only', async () => {
    const { id } = await createEndpoint(api, url);
    const key = { 'idempotency-key': newId() };
    const first = await rotate(id, { overlapSeconds: 60 }, key);
    const replay = await rotate(id, { overlapSeconds: 60 }, key);
    expect(replay.body).toEqual(first.body);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(await secretsOf(id)).toHaveLength(2);
    const { rows } = await infrastructure.admin.query(
      `SELECT (SELECT string_agg(k::text, ' ') FROM idempotency_keys k)
           || (SELECT string_agg(s::text || encode(ciphertext, 'escape'), ' ') FROM endpoint_secrets s) AS everything`,
    );
    expect(rows[0].everything).toContain(first.body.id);
    expect(rows[0].everything).not.toContain(String(first.body.secret).slice('whsec_'.length));
  });

  it('the replay of an older answer never shows a newer secret', async () => {
    const key = { 'idempotency-key': newId() };
    const { body: made } = await api.post<any>('/webhook-endpoints', { url }, key);
    await rotate(made.id);
    const replay = () => api.post<any>('/webhook-endpoints', { url }, key);
    expect((await replay()).body).toEqual(made);
    await api.send('DELETE', `/webhook-endpoints/${made.id}/secrets/${made.secretId}`);
    expect((await replay()).body).toEqual({ ...made, secret: null });
  });

  it('with a time to come: both are listed, and the old one ends an overlap after it', async () => {
    const { id } = await createEndpoint(api, url);
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await rotate(id, { notBefore, overlapSeconds: 600 });
    expect(body.notBefore).toBe(notBefore);
    const [, old] = await secretsOf(id);
    expect(inSeconds(notBefore, old.expiresAt)).toBe(600);
  });

  it('of the other kind: leaves the first kind as it is; without a kind, it is the newest one’s', async () => {
    const { id } = await createEndpoint(api, url);
    const { body } = await rotate(id, { kind: 'v1a' });
    expect(body).toMatchObject({ kind: 'v1a', secret: null, publicKey: expect.stringMatching(/^whpk_/) });
    expect((await secretsOf(id)).map(({ kind, expiresAt }) => [kind, expiresAt])).toEqual([
      ['v1a', null],
      ['v1', null],
    ]);
    expect((await rotate(id)).body).toMatchObject({ kind: 'v1a' });
  });

  it('409 for a sixth that is live or to come, nothing changed; without an overlap there is room again', async () => {
    const { id } = await createEndpoint(api, url);
    for (let at = 0; at < 4; at += 1) expect((await rotate(id)).status).toBe(201);
    const before = await secretsOf(id);
    expect(before).toHaveLength(5);
    expect(await rotate(id)).toMatchObject({ status: 409, body: { code: 'too_many_secrets' } });
    expect(await secretsOf(id)).toEqual(before);
    expect((await rotate(id, { overlapSeconds: 0 })).status).toBe(201);
    expect(await secretsOf(id)).toHaveLength(1);
  });

  it('two at once follow one another', async () => {
    const { id } = await createEndpoint(api, url);
    const both = await Promise.all([rotate(id, { overlapSeconds: 60 }), rotate(id, { overlapSeconds: 60 })]);
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect((await secretsOf(id)).map(({ expiresAt }) => expiresAt === null)).toEqual([true, false, false]);
  });

  it('400 and 422: everything that is wrong by its place, and nothing changed', async () => {
    const { id } = await createEndpoint(api, url);
    const pointers = async (body: object) => {
      const answer = await rotate(id, body);
      const named = answer.body.errors.map(({ pointer }: any) => pointer);
      return [answer.status, answer.body.code, [...new Set(named)].toSorted()];
    };
    expect(await pointers({ kind: 'hmac', overlapSeconds: 604_801, notBefore: '2027-02-30T00:00:00Z', x: 1 })).toEqual([
      ...[400, 'invalid_request'],
      ['/kind', '/notBefore', '/overlapSeconds', '/x'],
    ]);
    expect(await pointers({ overlapSeconds: -1 })).toEqual([400, 'invalid_request', ['/overlapSeconds']]);
    expect(await pointers({ overlapSeconds: 1.5 })).toEqual([400, 'invalid_request', ['/overlapSeconds']]);
    expect(await pointers({ overlapSeconds: null })).toEqual([400, 'invalid_request', ['/overlapSeconds']]);
    expect(await pointers({ notBefore: '2020-01-01T00:00:00Z' })).toEqual([
      422,
      'activation_not_valid',
      ['/notBefore'],
    ]);
    expect(await pointers({ notBefore: '2099-01-01T00:00:00Z' })).toEqual([
      422,
      'activation_not_valid',
      ['/notBefore'],
    ]);
    expect(await secretsOf(id)).toHaveLength(1);
  });
});

describe('DELETE /webhook-endpoints/{id}/secrets/{secretId}', () => {
  const remove = (id: string, secretId: string) =>
    api.send<any>('DELETE', `/webhook-endpoints/${id}/secrets/${secretId}`);

  it('200: it is over at once and its row is gone; the last one stays, with 409', async () => {
    const { id } = await createEndpoint(api, url);
    const { body: second } = await rotate(id);
    const [, first] = await secretsOf(id);
    expect(await remove(id, second.id)).toMatchObject({ status: 409, body: { code: 'last_secret' } });
    const removed = await remove(id, first.id);
    expect([removed.status, removed.body.id]).toEqual([200, first.id]);
    expect(Date.parse(removed.body.expiresAt)).toBeLessThanOrEqual(Date.now());
    expect((await secretsOf(id)).map((one) => one.id)).toEqual([second.id]);
    const { rows } = await infrastructure.admin.query('SELECT id FROM endpoint_secrets WHERE endpoint_id = $1', [id]);
    expect(rows).toEqual([{ id: second.id }]);
    expect((await remove(id, first.id)).status).toBe(404);
    expect((await remove(id, second.id)).status).toBe(409);
  });

  it('takes back a rotation that has not begun', async () => {
    const { id } = await createEndpoint(api, url);
    const { body } = await rotate(id, { notBefore: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await remove(id, body.id)).status).toBe(200);
    expect(await secretsOf(id)).toMatchObject([{ expiresAt: null }]);
  });

  it('404 for a secret of another endpoint', async () => {
    const [one, other] = [await createEndpoint(api, url), await createEndpoint(api, url)];
    await rotate(other.id);
    const [, theirs] = await secretsOf(other.id);
    expect((await remove(one.id, theirs.id)).status).toBe(404);
    expect(await secretsOf(other.id)).toHaveLength(2);
  });
});

describe('GET /.well-known/webhooks-jwks.json', () => {
  it('has the public keys that sign and those to come, newest first, without a credential', async () => {
    const { body } = await api.post<any>('/webhook-endpoints', { url, signing: 'v1a' });
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const { body: next } = await rotate(body.id, { notBefore });
    const answer = await keySet(body.id);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=300']);
    expect(Object.keys(answer.body)).toEqual(['keys']);
    expect(answer.body.keys.map(({ kid }: any) => kid)).toEqual([next.id, body.secretId]);
    for (const [at, { publicKey }] of [next, body].entries()) {
      const { kid: _, ...jwk } = answer.body.keys[at];
      const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
      expect(jwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA', use: 'sig' });
      expect(verify(null, Buffer.from('x'), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.alloc(64))).toBe(
        false,
      );
    }
  });

  it('keeps a key for the five minutes in which a request under it may be taken for new, and not longer', async () => {
    const { body } = await api.post<any>('/webhook-endpoints', { url, signing: 'v1a' });
    const { body: next } = await rotate(body.id, { overlapSeconds: 0 });
    const kids = async () => (await keySet(body.id)).body.keys.map(({ kid }: any) => kid);
    expect(await kids()).toEqual([next.id, body.secretId]);
    await infrastructure.admin.query(
      `UPDATE endpoint_secrets SET not_before = not_before - interval '6 minutes',
              expires_at = expires_at - interval '5 minutes 1 second' WHERE id = $1`,
      [body.secretId],
    );
    expect(await kids()).toEqual([next.id]);
    // The next change forgets the sealed seed, too.
    await rotate(body.id);
    const { rows } = await infrastructure.admin.query('SELECT FROM endpoint_secrets WHERE id = $1', [body.secretId]);
    expect(rows).toEqual([]);
  });

  it('404, not to be cached: unknown, removed, or without public keys; 400 for what is no id', async () => {
    const { id } = await createEndpoint(api, url);
    const removed = await api.post<any>('/webhook-endpoints', { url, signing: 'v1a' });
    await api.send('DELETE', `/webhook-endpoints/${removed.body.id}`);
    for (const endpoint of [id, removed.body.id, newId()]) {
      const answer = await keySet(endpoint);
      expect([answer.status, answer.body.code, answer.headers.get('cache-control')]).toEqual([404, 'not_found', null]);
    }
    for (const query of ['', '?endpoint=1', `?endpoint=${id}&x=1`]) {
      expect((await new Api(service.url ?? '').get(`/.well-known/webhooks-jwks.json${query}`)).status).toBe(400);
    }
  });
});

describe('F33 who may what', () => {
  const routes = (id: string, secretId: string) =>
    [
      ['POST', `/webhook-endpoints/${id}/rotate-secret`, 'webhooks:write'],
      ['GET', `/webhook-endpoints/${id}/secrets`, 'webhooks:read'],
      ['DELETE', `/webhook-endpoints/${id}/secrets/${secretId}`, 'webhooks:write'],
    ] as const;

  it('another tenant’s ids answer as ids that do not exist, and nothing changes', async () => {
    const { id } = await createEndpoint(api, url);
    await rotate(id);
    const before = await secretsOf(id);
    const stranger = await infrastructure.api(service.url, newId());
    const asked = (all: ReturnType<typeof routes>) =>
      Promise.all(
        all.map(async ([method, path]) => {
          const { status, body } = await stranger.send<any>(method, path);
          return [status, body.code, body.detail.replaceAll(/[0-9a-f-]{36}/g, '<id>')];
        }),
      );
    const foreign = await asked(routes(id, before[1].id));
    expect(foreign).toEqual(await asked(routes(newId(), newId())));
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404]);
    expect(await secretsOf(id)).toEqual(before);
  });

  it('401 without a token, 403 without the scope', async () => {
    for (const [method, path, scope] of routes(newId(), newId())) {
      expect((await new Api(service.url ?? '').send(method, path)).status).toBe(401);
      const other = scope === 'webhooks:read' ? 'webhooks:write' : 'webhooks:read';
      expect((await (await infrastructure.api(service.url, tenantId, [other])).send(method, path)).status).toBe(403);
    }
  });
});
