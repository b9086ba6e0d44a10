import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { sampleOf } from '@quittance/events/catalogue';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  startInfrastructure,
  startWebhooks,
  storedBody,
  verified,
} from '../testing/harness.itest.ts';
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

const payment = sampleOf('payment.posted');
const paid = (over: object) => eventOf('payment.posted', tenantId, { data: { ...payment, ...over } });
const patch = (id: string, body: object) => api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body });
/** Publishes these, then one that the endpoint wants for sure, and answers the ids that came before it. */
async function sent(events: ReturnType<typeof eventOf>[], last: ReturnType<typeof eventOf>): Promise<string[]> {
  await infrastructure.publish([...events, last]);
  await receiver.received(({ headers }) => headers['webhook-id'] === last.id);
  return receiver.requests.map(({ headers }) => String(headers['webhook-id'])).filter((id) => id !== last.id);
}

describe('which events an endpoint is sent', () => {
  it('a wildcard takes every type that begins so; changed, it counts for the next event', async () => {
    const { id } = await createEndpoint(api, receiver.url, { eventTypes: ['payment.*', 'invoice.paid'] });
    const [posted, other, link] = [
      eventOf('payment.posted', tenantId),
      eventOf('refund.succeeded', tenantId),
      eventOf('payment_link.created', tenantId),
    ];
    const got = await sent([posted, other, link], eventOf('payment.failed', tenantId));
    expect(got).toEqual([posted.id]);
    await patch(id, { eventTypes: ['refund.*'] });
    const refund = eventOf('refund.succeeded', tenantId);
    const all = await sent([eventOf('payment.posted', tenantId)], refund);
    expect(all).toEqual([posted.id, expect.any(String)]);
  });

  it('channels take what bears one of them, by the ids in the data; they are stored with the message', async () => {
    await createEndpoint(api, receiver.url, { channels: ['policy:P-1', 'policyholder:PH-9'] });
    const mine = paid({ policyLocator: 'P-1' });
    const theirs = paid({ policyLocator: 'P-2' });
    const got = await sent([mine, theirs], paid({ policyLocator: 'P-3', policyholderLocator: 'PH-9' }));
    expect(got).toEqual([mine.id]);
    const { rows } = await infrastructure.admin.query('SELECT channels FROM messages WHERE id = $1', [theirs.id]);
    expect(rows).toEqual([{ channels: ['policy:P-2', `policyholder:${payment.policyholderLocator}`] }]);
  });

  it('a filter takes what it holds of; changed, it counts for the next event', async () => {
    const filter = { type: 'payment.posted', 'data.amount.amountMinor': { $gte: 10_000 } };
    const { id } = await createEndpoint(api, receiver.url, { filter });
    const amount = (amountMinor: number) => ({ amount: { ...payment.amount, amountMinor } });
    const [small, large] = [paid(amount(9_999)), paid(amount(10_000))];
    expect(await sent([small, large], paid(amount(20_000)))).toEqual([large.id]);
    expect((await patch(id, { filter: null })).body).toMatchObject({ filter: null });
    const late = paid(amount(1));
    expect(await sent([], late)).toEqual([large.id, expect.any(String)]);
  });

  it('400: what means nothing, pattern, channel, filter or version, by its place, and nothing is stored', async () => {
    const refused = async (body: object) => {
      const answer = await api.post<any>('/webhook-endpoints', { url: receiver.url, ...body });
      return [answer.status, answer.body.code, answer.body.errors?.map(({ pointer }: any) => pointer)];
    };
    expect(await refused({ eventTypes: ['payment.*', 'journal_entry.*'] })).toEqual([
      ...[400, 'event_type_unknown', ['/eventTypes/1']],
    ]);
    expect(await refused({ channels: [] })).toEqual([400, 'invalid_request', ['/channels']]);
    expect(await refused({ channels: ['a\tb'] })).toEqual([400, 'invalid_request', ['/channels']]);
    expect(await refused({ channels: Array(11).fill('a') })).toEqual([400, 'invalid_request', ['/channels']]);
    expect(await refused({ filter: 'type' })).toEqual([400, 'invalid_request', ['/filter']]);
    expect(await refused({ filter: { data: { state: { $regex: 'a' } } } })).toEqual([
      ...[400, 'filter_not_valid', ['/filter/data/state/$regex']],
    ]);
    expect(await refused({ contentMode: 'fat' })).toEqual([400, 'invalid_request', ['/contentMode']]);
    expect(await refused({ contentMode: null })).toEqual([400, 'invalid_request', ['/contentMode']]);
    expect(await refused({ payloadVersion: 2 })).toEqual([400, 'payload_version_unknown', ['/payloadVersion']]);
    expect((await api.get<any>('/webhook-endpoints')).body.items).toEqual([]);
  });

  it('the database refuses what no request may store', async () => {
    const insert = (column: string, value: unknown) =>
      infrastructure.admin.query(
        `INSERT INTO endpoints (tenant_id, id, shard, url, state, created_at, updated_at, ${column})
         VALUES ($1, $2, 0, 'https://a.example/', 'active', now(), now(), $3)`,
        [tenantId, newId(), value],
      );
    await expect(insert('channels', [])).rejects.toThrow('endpoints_channels');
    await expect(insert('filter', '[]')).rejects.toThrow('endpoints_filter');
    await expect(insert('content_mode', 'fat')).rejects.toThrow('endpoints_content_mode');
    await expect(insert('payload_version', 0)).rejects.toThrow('endpoints_payload_version');
  });
});

describe('in what shape', () => {
  it('thin: ids and resource, signed as sent, the same bytes on every attempt; what is stored is whole', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url, { contentMode: 'thin' });
    receiver.answerNext({ status: 500 });
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    await deliveriesOf(api, id, 'delivered');
    const [first, second] = receiver.requests;
    expect(second?.body).toBe(first?.body);
    const { data, ...envelope } = verified(second!, secret);
    expect(envelope).toMatchObject({ type: 'payment.posted', id: event.id, sequence: '0000000001' });
    expect(data).toMatchObject({ locator: payment.locator, resource: `/payments/${payment.locator}` });
    expect(data).not.toHaveProperty('amount');
    expect(JSON.parse(await storedBody(service, tenantId, event.id)).data).toEqual(payment);
  });

  it('a change of the mode counts for what is queued', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    await patch(id, { state: 'paused' });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'paused');
    await patch(id, { contentMode: 'thin', state: 'active' });
    const { data } = verified(await receiver.received(), secret);
    expect(data).not.toHaveProperty('amount');
  });

  it('a new endpoint is pinned to the current version', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    expect((await api.get<any>(`/webhook-endpoints/${id}`)).body).toMatchObject({
      ...{ channels: null, filter: null, contentMode: 'full', payloadVersion: 1 },
    });
  });

  it('F30 what cannot be rendered is a failed delivery with its reason, and the others go on', async () => {
    const { id } = await createEndpoint(api, receiver.url, { contentMode: 'thin' });
    await patch(id, { state: 'paused' });
    const [broken, sound] = [eventOf('payment.posted', tenantId), eventOf('payment.posted', tenantId)];
    await infrastructure.publish([broken, sound]);
    await deliveriesOf(api, id, 'paused', 2);
    await infrastructure.admin.query(`UPDATE messages SET body = 'no JSON' WHERE id = $1`, [broken.id]);
    await patch(id, { state: 'active' });
    const [exhausted] = await deliveriesOf(api, id, 'exhausted');
    expect(exhausted).toMatchObject({ eventId: broken.id, lastStatus: null, lastError: 'not_renderable' });
    const [delivered] = await deliveriesOf(api, id, 'delivered');
    expect(delivered).toMatchObject({ eventId: sound.id });
  });
});

describe('POST /webhook-endpoints/{id}/test', () => {
  const test = (id: string, body?: object, headers = {}) =>
    api.post<any>(`/webhook-endpoints/${id}/test`, body, headers);

  it('202: a signed example to this endpoint alone, told by its header and its delivery', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url, { eventTypes: ['invoice.*'] });
    const other = await WebhookReceiver.start();
    await createEndpoint(api, other.url);
    const { status, body } = await test(id, { eventType: 'refund.succeeded' });
    expect([status, body]).toEqual([
      202,
      expect.objectContaining({ endpointId: id, eventType: 'refund.succeeded', isTest: true, state: 'pending' }),
    ]);
    const request = await receiver.received();
    expect(request.headers).toMatchObject({ 'webhook-test': 'true', 'webhook-id': body.eventId });
    expect(verified(request, secret)).toMatchObject({
      ...{ type: 'refund.succeeded', id: body.eventId, data: sampleOf('refund.succeeded') },
    });
    const [delivered] = await deliveriesOf(api, id, 'delivered');
    expect(delivered).toMatchObject({ id: body.id, isTest: true });
    await infrastructure.publish([eventOf('invoice.paid', tenantId)]);
    const real = await receiver.received(({ body: text }) => text.includes('invoice.paid'));
    expect(real.headers).not.toHaveProperty('webhook-test');
    await other.received(({ body: text }) => text.includes('invoice.paid'));
    expect(other.requests).toHaveLength(1);
    await other.stop();
  });

  it('without a type: the first that the endpoint wants; the same key: one test', async () => {
    const { id } = await createEndpoint(api, receiver.url, { eventTypes: ['invoice.paid'], contentMode: 'thin' });
    const key = { 'idempotency-key': newId() };
    const [first, again] = [await test(id, undefined, key), await test(id, undefined, key)];
    expect([first.body.eventType, again.body.id]).toEqual(['invoice.paid', first.body.id]);
    await deliveriesOf(api, id, 'delivered');
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]?.body).toContain('"resource":"/invoices/');
  });

  it('a test that nobody answers raises no alarm', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 500 });
    const { body } = await test(id);
    await deliveriesOf(api, id, 'exhausted');
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const exhausted = await deliveriesOf(api, id, 'exhausted', 2);
    const said = await eventually(async () => {
      const { rows } = await infrastructure.admin.query('SELECT subject FROM event_log WHERE subject = ANY ($1)', [
        exhausted.map((delivery) => delivery['id']),
      ]);
      return rows.length > 0 && rows.map(({ subject }) => subject);
    });
    expect(said).toHaveLength(1);
    expect(said).not.toContain(body.id);
  });

  it('409 unless it is active, 400 for an unknown type, 404 for an unknown endpoint; nothing is stored', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const unknown = await test(id, { eventType: 'journal_entry.posted' });
    expect(unknown).toMatchObject({ status: 400, body: { code: 'event_type_unknown' } });
    expect(unknown.body.errors[0].pointer).toBe('/eventType');
    expect(await test(id, { eventType: 7 })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/eventType' }] },
    });
    await patch(id, { state: 'paused' });
    expect(await test(id)).toMatchObject({ status: 409, body: { code: 'endpoint_not_active' } });
    expect((await test(newId())).status).toBe(404);
    const stranger = await infrastructure.api(service.url, newId());
    expect((await stranger.post(`/webhook-endpoints/${id}/test`)).status).toBe(404);
    const { rows } = await infrastructure.admin.query('SELECT FROM messages WHERE tenant_id = $1', [tenantId]);
    expect(rows).toEqual([]);
  });
});

describe('GET /event-types', () => {
  it('tells schema, example, versions and channels of each type, and of one', async () => {
    const { body } = await api.get<any>('/event-types');
    const one = body.items.find(({ type }: any) => type === 'payment.posted');
    expect(one).toMatchObject({
      ...{ versions: [{ version: 1, deprecated: false }], example: payment },
      schema: { title: 'Payment', required: expect.arrayContaining(['locator']) },
      channels: ['policy', 'policyholder', 'merchant', 'location'],
    });
    expect((await api.get<any>('/event-types/payment.posted')).body).toEqual(one);
  });

  it.each(['payment.exploded', 'journal_entry.posted', '__proto__', 'payment.posted.v2'])('404: %s', async (type) => {
    const { status, body } = await api.get<any>(`/event-types/${type}`);
    expect([status, body.code, body.detail]).toEqual([404, 'not_found', `There is no event type ${type}.`]);
  });
});
