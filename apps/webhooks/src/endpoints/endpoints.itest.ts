import { Database } from '@quittance/service-kit/database/database';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import { createEndpoint, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { EndpointDirectory } from './endpoint-directory.ts';

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
const stored = async () => {
  const { rows } = await infrastructure.admin.query('SELECT count(*)::int AS n FROM endpoints WHERE tenant_id = $1', [
    tenantId,
  ]);
  return rows[0].n as number;
};

describe('POST /webhook-endpoints', () => {
  it('has its secret for whoever sees it, also in a transaction that began before it', async () => {
    const targets = await service.app.get(Database).tx(async (tx) => {
      await tx.query('SELECT now()');
      await api.post('/webhook-endpoints', { url });
      await service.app.get(EndpointDirectory).refresh(tx, [tenantId]);
      return service.app.get(EndpointDirectory).ofTenant(tenantId);
    });
    expect(targets.map(({ keys }) => keys.length)).toEqual([1]);
  });

  it('201: active at once, every type by default, the secret shown this once', async () => {
    const { status, body } = await api.post<any>('/webhook-endpoints', { url, description: 'books' });
    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ id: expect.any(String), url, state: 'active', eventTypes: null, description: 'books', disabledReason: null },
      ...{ channels: null, filter: null, contentMode: 'full', payloadVersion: 1, auditStrict: false },
      ...{ retrySchedule: null, holdUntil: null, createdAt: expect.any(String), updatedAt: expect.any(String) },
      ...{ timeoutSeconds: null, headerNames: [], auth: { type: 'none' }, verifiedAt: null },
      ...{ ordering: 'none', ratePerSecond: null, maxConcurrency: 32, breakerOpenedAt: null },
      ...{ secretId: expect.any(String), publicKey: null },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const again = await api.get<any>(`/webhook-endpoints/${body.id}`);
    expect(again.status).toBe(200);
    expect(again.body).not.toHaveProperty('secret');
  });

  it('the secret is nowhere in the database in plain text, not even for the replay of an Idempotency-Key', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await api.post<any>('/webhook-endpoints', { url }, key);
    const replay = await api.post<any>('/webhook-endpoints', { url }, key);
    expect(replay.body).toEqual(first.body);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(await stored()).toBe(1);
    const secret = String(first.body.secret).slice('whsec_'.length);
    const { rows } = await infrastructure.admin.query(
      `SELECT (SELECT string_agg(k::text, ' ') FROM idempotency_keys k)
           || (SELECT string_agg(encode(ciphertext, 'escape') || encode(ciphertext, 'base64'), ' ')
                 FROM endpoint_secrets) AS everything`,
    );
    expect(rows[0].everything).toEqual(expect.any(String));
    expect(rows[0].everything).not.toContain(secret);
    expect((await api.post('/webhook-endpoints', { url: `${url}/2` }, key)).status).toBe(422);
  });

  it('400: everything that is wrong, each with its pointer, and nothing stored', async () => {
    const { status, body } = await api.post<any>('/webhook-endpoints', {
      ...{ url: 'not a url', eventTypes: 'payment.posted', description: 7, secret: 'mine' },
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ pointer }: any) => pointer)).toEqual(
      expect.arrayContaining(['/url', '/eventTypes', '/description', '/secret']),
    );
    expect(await stored()).toBe(0);
  });

  it('400: an unknown event type, and one that partners may not see, by their places', async () => {
    const eventTypes = ['payment.posted', 'payment.exploded', 'journal_entry.posted'];
    const { status, body } = await api.post<any>('/webhook-endpoints', { url, eventTypes });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'event_type_unknown' });
    expect(body.errors.map(({ pointer }: any) => pointer)).toEqual(['/eventTypes/1', '/eventTypes/2']);
    expect((await api.post('/webhook-endpoints', { url, eventTypes: [] })).status).toBe(400);
    expect(await stored()).toBe(0);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://2852039166/',
    'https://[::ffff:10.0.0.1]/',
    'https://user:password@partner.example/',
    'ftp://partner.example/',
  ])('422: %s may not be a target', async (target) => {
    const { status, body } = await api.post<any>('/webhook-endpoints', { url: target });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'url_not_allowed', errors: [{ pointer: '/url' }] });
    expect(await stored()).toBe(0);
  });

  it('400: malformed JSON; 415: another content type', async () => {
    expect((await api.send('POST', '/webhook-endpoints', { body: '{"url":' })).status).toBe(400);
    const text = { body: 'url', headers: { 'content-type': 'text/plain' } };
    expect((await api.send('POST', '/webhook-endpoints', text)).status).toBe(415);
  });
});

describe('GET, PATCH and DELETE /webhook-endpoints', () => {
  it('lists newest first, page by page', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) ids.unshift((await createEndpoint(api, `${url}/${at}`)).id);
    const first = await api.get<any>('/webhook-endpoints?limit=2');
    expect(first.body.items.map(({ id }: any) => id)).toEqual(ids.slice(0, 2));
    const second = await api.get<any>(`/webhook-endpoints?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map(({ id }: any) => id)).toEqual(ids.slice(2));
    expect(second.body.nextCursor).toBeNull();
  });

  it('PATCH changes what it names and nothing else; null clears', async () => {
    const { id } = await createEndpoint(api, url, { eventTypes: ['payment.posted'], description: 'books' });
    const patch = (body: object) => api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body });
    expect((await patch({ description: null })).body).toMatchObject({
      url,
      eventTypes: ['payment.posted'],
      description: null,
    });
    expect((await patch({ eventTypes: null, state: 'paused' })).body).toMatchObject({
      eventTypes: null,
      state: 'paused',
    });
    expect((await patch({ state: 'active' })).body).toMatchObject({ state: 'active' });
  });

  it('takes a retry schedule of its own, and null gives it back to the platform’s', async () => {
    const { id } = await createEndpoint(api, url, { retrySchedule: [0, 30, 86_400] });
    const patch = (body: object) => api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body });
    expect((await patch({})).body).toMatchObject({ retrySchedule: [0, 30, 86_400] });
    for (const retrySchedule of [[], [1], [0, -1], [0, 1.5], [0, 86_401], '0', Array.from({ length: 21 }, () => 0)]) {
      const { status, body } = await patch({ retrySchedule });
      expect([status, body.errors?.[0]?.pointer]).toEqual([400, '/retrySchedule']);
    }
    expect((await patch({ retrySchedule: null })).body).toMatchObject({ retrySchedule: null });
  });

  it('PATCH 400: what it does not take, by pointer', async () => {
    const { id } = await createEndpoint(api, url);
    const body = { url: null, state: 'disabled', eventTypes: [1], secret: 'x' };
    const answer = await api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ pointer }: any) => pointer)).toEqual(
      expect.arrayContaining(['/url', '/state', '/eventTypes', '/secret']),
    );
    expect((await api.get<any>(`/webhook-endpoints/${id}`)).body).toMatchObject({ url, state: 'active' });
  });

  it('DELETE answers the endpoint and makes it unknown', async () => {
    const { id } = await createEndpoint(api, url);
    expect(await api.send('DELETE', `/webhook-endpoints/${id}`)).toMatchObject({
      status: 200,
      body: { id, state: 'deleted' },
    });
    expect((await api.get(`/webhook-endpoints/${id}`)).status).toBe(404);
    expect((await api.send('DELETE', `/webhook-endpoints/${id}`)).status).toBe(404);
    expect((await api.get<any>('/webhook-endpoints')).body.items).toEqual([]);
  });

  it('400 names a parameter that is unknown or wrong', async () => {
    for (const [path, parameter] of [
      ['/webhook-endpoints?limit=0', 'limit'],
      ['/webhook-endpoints?cursor=nonsense', 'cursor'],
      ['/webhook-deliveries?state=lost', 'state'],
      ['/webhook-deliveries?endpointId=1', 'endpointId'],
      ['/webhook-deliveries?colour=red', 'colour'],
    ]) {
      const { status, body } = await api.get<any>(String(path));
      expect({ status, parameters: body.errors?.map((error: any) => error.parameter) }).toEqual({
        status: 400,
        parameters: [parameter],
      });
    }
  });
});

describe('who may what', () => {
  /** What a body has to be so that it is the id that is looked at. */
  const bodyFor = (method: string, path: string) => {
    if (path.endsWith('/recover')) return { since: '2026-01-01T00:00:00Z' };
    if (path.endsWith('/verify')) return { method: 'ping' };
    return method === 'PATCH' ? {} : undefined;
  };
  const routes = (endpointId: string, deliveryId: string) =>
    [
      ['GET', `/webhook-endpoints/${endpointId}`, 'webhooks:read'],
      ['PATCH', `/webhook-endpoints/${endpointId}`, 'webhooks:write'],
      ['POST', `/webhook-endpoints/${endpointId}/test`, 'webhooks:write'],
      ['DELETE', `/webhook-endpoints/${endpointId}`, 'webhooks:write'],
      ['POST', `/webhook-endpoints/${endpointId}/verify`, 'webhooks:write'],
      ['GET', `/webhook-deliveries/${deliveryId}`, 'webhooks:read'],
      ['POST', `/webhook-deliveries/${deliveryId}/retry`, 'webhooks:write'],
      ['POST', `/webhook-endpoints/${endpointId}/enable`, 'webhooks:write'],
      ['POST', `/webhook-endpoints/${endpointId}/recover`, 'webhooks:write'],
      ['GET', `/webhook-replays/${deliveryId}`, 'webhooks:read'],
      ['POST', `/webhook-replays/${deliveryId}/cancel`, 'webhooks:write'],
    ] as const;

  it('another tenant’s id answers exactly as an id that does not exist', async () => {
    const receiver = await WebhookReceiver.start();
    const { id } = await createEndpoint(api, receiver.url);
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivery] = await eventually(async () => {
      const { body } = await api.get<any>('/webhook-deliveries?state=delivered');
      return body.items.length === 1 && body.items;
    });
    const stranger = await infrastructure.api(service.url, newId());
    const unknown = newId();
    const asked = (ids: readonly (readonly [string, string, string])[]) =>
      Promise.all(
        ids.map(async ([method, path]) => {
          const { status, body } = await stranger.send<any>(method, path, { body: bodyFor(method, path) });
          const { instance: _, detail, ...rest } = body;
          return { status, ...rest, detail: detail.replaceAll(/[0-9a-f-]{36}/g, '<id>') };
        }),
      );
    const foreign = await asked(routes(id, delivery.id));
    expect(foreign).toEqual(await asked(routes(unknown, unknown)));
    expect(new Set(foreign.map(({ status }) => status))).toEqual(new Set([404]));
    expect((await stranger.get<any>(`/webhook-deliveries?endpointId=${id}`)).body.items).toEqual([]);
    expect((await stranger.get<any>('/webhook-endpoints')).body.items).toEqual([]);
    await receiver.stop();
  });

  it('401 without a token, 403 without the scope', async () => {
    const all = [
      ...routes(newId(), newId()),
      ['POST', '/webhook-endpoints', 'webhooks:write'],
      ['GET', '/event-types', 'webhooks:read'],
      ['GET', '/event-types/payment.posted', 'webhooks:read'],
    ] as const;
    for (const [method, path, scope] of all) {
      expect((await new Api(service.url ?? '').send(method, path)).status).toBe(401);
      const other = scope === 'webhooks:read' ? 'webhooks:write' : 'webhooks:read';
      expect((await (await infrastructure.api(service.url, tenantId, [other])).send(method, path)).status).toBe(403);
    }
  });
});
