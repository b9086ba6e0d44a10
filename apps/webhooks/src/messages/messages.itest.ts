import { sampleOf } from '@quittance/events/catalogue';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { firstIdAt } from '../domain/message.ts';
import { createEndpoint, eventOf, startInfrastructure, startWebhooks, verified } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
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
  receiver = await WebhookReceiver.start();
});
afterEach(() => receiver.stop());

const custom = (over: object = {}) => ({ type: 'custom.claim.opened', data: { claim: 'C-1' }, ...over });
const publish = (body: object, headers?: Record<string, string>) => api.post<any>('/webhook-messages', body, headers);
const stored = async () => {
  const { rows } = await infrastructure.admin.query('SELECT id FROM messages WHERE tenant_id = $1', [tenantId]);
  return rows.map(({ id }) => id as string);
};

describe('POST /webhook-messages', () => {
  it('201: sent like an event, signed, to an endpoint that was made a moment before', async () => {
    const { secret } = await createEndpoint(api, receiver.url);
    const answer = await publish(custom({ subject: 'C-1', sequence: 3 }));
    expect(answer.status).toBe(201);
    const { id } = answer.body;
    expect(answer.body).toEqual({
      ...{ id, type: 'custom.claim.opened', subject: 'C-1', sequence: 3, channels: [], timestamp: expect.any(String) },
    });
    const request = await receiver.received();
    expect(verified(request, secret)).toEqual({
      ...{ type: 'custom.claim.opened', timestamp: answer.body.timestamp, data: { claim: 'C-1' }, id },
      sequence: '0000000003',
    });
    expect(request.headers).toMatchObject({ 'webhook-id': id, 'webhook-sequence': '3' });
  });

  it('reaches only the endpoints that want the type, and is there where none does', async () => {
    await createEndpoint(api, receiver.url, { eventTypes: ['payment.posted'] });
    const { body: unwanted } = await publish(custom());
    const { body: wanted } = await publish({ type: 'payment.posted', data: sampleOf('payment.posted') });
    await receiver.received(({ headers }) => headers['webhook-id'] === wanted.id);
    expect(receiver.requests).toHaveLength(1);
    expect((await stored()).toSorted()).toEqual([unwanted.id, wanted.id].toSorted());
    expect((await api.get<any>(`/webhook-messages/${unwanted.id}/deliveries`)).body.items).toEqual([]);
  });

  it('an endpoint names types of the tenant’s own, patterns too, and the channels that they bear', async () => {
    await createEndpoint(api, receiver.url, { eventTypes: ['custom.claim.*'], channels: ['broker:7'] });
    await publish(custom());
    await publish(custom({ type: 'custom.quote.made', channels: ['broker:7'] }));
    const { body } = await publish(custom({ channels: ['broker:7', 'broker:7'] }));
    expect(body.channels).toEqual(['broker:7']);
    await receiver.received(({ headers }) => headers['webhook-id'] === body.id);
    expect(receiver.requests).toHaveLength(1);
    const byId = await publish(custom({ data: { policyLocator: 'P-1' } }));
    expect(byId.body.channels).toEqual(['policy:P-1']);
  });

  it.each<[string, object, string[]]>([
    ['channels that are none', { channels: [''] }, ['/channels']],
    ['a type of nobody', { type: 'payment.exploded' }, ['/type']],
    ['a type that partners do not see', { type: 'journal_entry.posted' }, ['/type']],
    ['no type and no data', { type: undefined, data: undefined }, ['/type', '/data']],
    ['data that is a list', { data: [1] }, ['/data']],
    [
      'data that its schema refuses',
      { type: 'payment.posted', data: { state: 'lost' } },
      ['/data/locator', '/data/state'],
    ],
    ['an unknown field', { channel: 'x' }, ['/channel']],
    ['an id of version 4', { id: '3f0e8a52-93a4-4b41-9a52-0d6dbe0f2a55' }, ['/id']],
    ['F26 an id of last week', { id: firstIdAt(Date.now() - 7 * 86_400_000).replace('-0000-0', '-7000-8') }, ['/id']],
    ['a sequence below one', { sequence: 0 }, ['/sequence']],
  ])('400: %s, and nothing is stored', async (_name, over, pointers) => {
    const { status, body } = await publish(custom(over));
    expect(status).toBe(400);
    expect(body.errors.map(({ pointer }: any) => pointer)).toEqual(expect.arrayContaining(pointers));
    expect(await stored()).toEqual([]);
  });

  it('413: what is larger than 256 KiB once it is put together', async () => {
    const answer = await publish(custom({ data: { text: 'x'.repeat(256 * 1024) } }));
    expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large']);
    expect((await publish(custom({ data: { text: 'x'.repeat(255 * 1024) } }))).status).toBe(201);
    expect(await stored()).toHaveLength(1);
  });

  it('403 without the scope to write', async () => {
    const reader = await infrastructure.api(service.url, tenantId, ['webhooks:read']);
    expect((await reader.post('/webhook-messages', custom())).status).toBe(403);
  });
});

describe('F5 the same message twice', () => {
  it('fifty at once under one id: one message and one delivery, and fifty times the same answer', async () => {
    await createEndpoint(api, receiver.url);
    const id = newId();
    const answers = await Promise.all(Array.from({ length: 50 }, () => publish(custom({ id }))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await stored()).toEqual([id]);
    const after = (await publish(custom())).body.id;
    await receiver.received(({ headers }) => headers['webhook-id'] === after);
    expect(receiver.requests.filter(({ headers }) => headers['webhook-id'] === id)).toHaveLength(1);
  });

  it('the same for a tenant with a pull consumer, whose messages take their places one after the other', async () => {
    const consumer = await api.post<any>('/webhook-poll', { name: 'books' });
    const id = newId();
    const answers = await Promise.all(Array.from({ length: 50 }, () => publish(custom({ id }))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const page = await api.get<any>(`/webhook-poll/${consumer.body.id}`);
    expect(page.body.items.map((item: any) => item.id)).toEqual([id]);
  });

  it('409: another content under the id; the first one stands', async () => {
    const id = newId();
    expect((await publish(custom({ id, data: { a: 1, b: 2 } }))).status).toBe(201);
    expect((await publish(custom({ id, data: { b: 2, a: 1 } }))).status).toBe(201);
    for (const over of [
      { data: { a: 2, b: 2 } },
      { data: { a: 1, b: 2 }, subject: 's' },
      { data: {}, type: 'custom.x' },
    ]) {
      const { status, body } = await publish(custom({ id, ...over }));
      expect([status, body.code]).toEqual([409, 'message_conflict']);
    }
    const detail = await api.get<any>(`/webhook-messages/${id}`);
    expect(JSON.parse(detail.body.body)).toMatchObject({ id, data: { a: 1, b: 2 } });
  });

  it('under an Idempotency-Key: one message, and another content is 422', async () => {
    const key = { 'idempotency-key': newId() };
    const first = await publish(custom(), key);
    const second = await publish(custom(), key);
    expect([second.body, second.headers.get('idempotent-replayed')]).toEqual([first.body, 'true']);
    expect((await publish(custom({ data: {} }), key)).status).toBe(422);
    expect(await stored()).toEqual([first.body.id]);
  });

  it('two tenants may use one id: each has its own message', async () => {
    const id = newId();
    const other = await infrastructure.api(service.url, newId());
    expect((await publish(custom({ id }))).status).toBe(201);
    expect((await other.post('/webhook-messages', custom({ id, data: { theirs: true } }))).status).toBe(201);
    const mine = await api.get<any>(`/webhook-messages/${id}`);
    expect(mine.body.body).not.toContain('theirs');
  });
});

describe('GET /webhook-messages', () => {
  const list = async (query = '') => (await api.get<any>(`/webhook-messages${query}`)).body;

  it('newest first, page after page, events of the platform among them', async () => {
    await createEndpoint(api, receiver.url);
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    await receiver.received();
    const mine: string[] = [];
    for (let n = 0; n < 4; n += 1) mine.push((await publish(custom())).body.id);
    const newestFirst = [event.id, ...mine].toSorted().toReversed();
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await list(`?limit=2${cursor}`);
      seen.push(...page.items.map(({ id }: any) => id));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(newestFirst);
    expect((await list('?type=payment.posted')).items.map(({ id }: any) => id)).toEqual([event.id]);
    expect((await list('?type=custom.claim.opened&limit=3')).items).toHaveLength(3);
    expect((await list('?type=payment.exploded')).items).toEqual([]);
  });

  it('after and before are exclusive, by the time in the id', async () => {
    const now = Date.now();
    const ids = [3, 2, 1].map((n) => firstIdAt(now - n * 1_000).replace('-0000-0', '-7000-8'));
    for (const id of ids) expect((await publish(custom({ id }))).status).toBe(201);
    const between = await list(`?after=${now - 3_000}&before=${new Date(now - 1_000).toISOString()}`);
    expect(between.items.map(({ id }: any) => id)).toEqual([ids[1]]);
    expect((await list(`?after=${now - 3_001}`)).items).toHaveLength(3);
    expect((await list(`?before=${now - 999}`)).items).toHaveLength(3);
  });

  it.each(['after=yesterday', 'before=x', 'limit=0', 'cursor=x', 'kind=custom'])('400: %s', async (query) => {
    const { status, body } = await api.get<any>(`/webhook-messages?${query}`);
    expect([status, body.errors[0].parameter]).toEqual([400, query.split('=')[0]]);
  });
});

describe('GET /webhook-messages/{id}', () => {
  it('shows the text that was signed, its deliveries and every request that was made for it', async () => {
    receiver.answerNext({ status: 500 });
    const { id: endpointId } = await createEndpoint(api, receiver.url);
    const { body: message } = await publish(custom());
    const path = `/webhook-messages/${message.id}`;
    const deliveries = await eventually(async () => {
      const { body } = await api.get<any>(`${path}/deliveries`);
      return body.items[0]?.state === 'delivered' ? body.items : undefined;
    });
    expect(deliveries).toEqual([
      expect.objectContaining({ endpointId, eventId: message.id, eventType: message.type, attemptCount: 2 }),
    ]);
    const { body: attempts } = await api.get<any>(`${path}/attempts`);
    expect(attempts.items).toEqual([
      expect.objectContaining({
        number: 2,
        outcome: 'succeeded',
        status: 204,
        endpointId,
        deliveryId: deliveries[0].id,
      }),
      expect.objectContaining({ number: 1, outcome: 'failed', status: 500 }),
    ]);
    const { body: first } = await api.get<any>(`${path}/attempts?limit=1`);
    const { body: rest } = await api.get<any>(`${path}/attempts?limit=1&cursor=${first.nextCursor}`);
    expect([...first.items, ...rest.items]).toEqual(attempts.items);
    expect(rest.nextCursor).toBeNull();
    expect((await api.get<any>(path)).body).toEqual({ ...message, body: receiver.requests[1]!.body });
  });

  it.each(['', '/attempts', '/deliveries'])('404 for what is not there: …%s', async (below) => {
    expect((await api.get(`/webhook-messages/${newId()}${below}`)).status).toBe(404);
    expect((await api.get(`/webhook-messages/nonsense${below}`)).status).toBe(404);
  });
});
