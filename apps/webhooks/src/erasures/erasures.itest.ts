import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { Sender } from '../deliveries/sender.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  scopes,
  startInfrastructure,
  startWebhooks,
  verified,
} from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

const everything = [...scopes, 'webhooks:erase'];
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
  api = await infrastructure.api(service.url, tenantId, everything);
  receiver = await WebhookReceiver.start();
});
afterEach(() => receiver.stop());

const rowsOf = async (sql: string, ...values: unknown[]) => (await infrastructure.admin.query(sql, values)).rows;
const detailOf = async (id: unknown) => (await api.get<any>(`/webhook-deliveries/${String(id)}`)).body;
const erased = () =>
  eventually(async () => {
    const { body } = await api.get<any>('/webhook-erasures');
    return body.items[0]?.state === 'completed' && body.items[0];
  });

describe('bodies at rest', () => {
  it('no event and no answer is readable in the tables; what is sent and shown is what was said', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 500, body: 'the failed answer' }, { status: 200, body: 'the good answer' });
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    const [first, second] = receiver.requests;
    expect(verified(first!, secret)['id']).toBe(event.id);
    expect(second?.body).toBe(first?.body);
    expect((await detailOf(delivery?.['id'])).attempts).toMatchObject([
      { responseBody: 'the failed answer', erased: false },
      { responseBody: 'the good answer', erased: false },
    ]);
    const stored = await rowsOf(
      `SELECT body FROM messages WHERE tenant_id = $1 UNION ALL SELECT response_body FROM attempts
        WHERE tenant_id = $1 AND response_body IS NOT NULL
       UNION ALL SELECT body FROM success_bodies WHERE tenant_id = $1`,
      tenantId,
    );
    expect(stored).toHaveLength(3);
    for (const { body } of stored) {
      expect([...body.subarray(0, 3)]).toEqual([1, 0, 1]);
      expect(body.toString('latin1')).not.toMatch(/payment|answer/);
    }
  });

  it('a body moved to another row does not open: nothing is sent in its place', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    const [one, other] = [eventOf('payment.posted', tenantId), eventOf('payment.posted', tenantId)];
    await infrastructure.publish([one, other]);
    await deliveriesOf(api, id, 'paused', 2);
    const swap = `UPDATE messages m SET body = o.body FROM messages o WHERE m.id = $1 AND o.id = $2`;
    await infrastructure.admin.query(swap, [one.id, other.id]);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    const [aborted] = await deliveriesOf(api, id, 'aborted');
    expect(aborted).toMatchObject({ eventId: one.id, lastError: 'message_unreadable' });
    await deliveriesOf(api, id, 'delivered');
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([other.id]);
  });

  it('a key is a tenant’s own, and sealed itself', async () => {
    const other = newId();
    await createEndpoint(api, receiver.url);
    await createEndpoint(await infrastructure.api(service.url, other), receiver.url);
    await infrastructure.publish([eventOf('payment.posted', tenantId), eventOf('payment.posted', other)]);
    const keys = await eventually(async () => {
      const rows = await rowsOf('SELECT * FROM tenant_keys WHERE tenant_id = ANY($1)', [tenantId, other]);
      expect(rows).toHaveLength(2);
      return rows;
    });
    expect(keys[0].wrapped.equals(keys[1].wrapped)).toBe(false);
    expect(keys[0].wrapped.length).toBe(3 + 12 + 44 + 16);
  });

  it('a month-old key gives way to a new one, and still opens', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'paused');
    const age = `UPDATE tenant_keys SET created_at = now() - interval '31 days' WHERE tenant_id = $1`;
    await infrastructure.admin.query(age, [tenantId]);
    // Any change of an endpoint makes the processes look again, as their next start does.
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { description: 'a month later' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'paused', 2);
    expect(await rowsOf('SELECT id FROM tenant_keys WHERE tenant_id = $1 ORDER BY id', tenantId)).toEqual([
      ...[{ id: 1 }, { id: 2 }],
    ]);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    await deliveriesOf(api, id, 'delivered', 2);
  });
});

describe('what a receiver says', () => {
  it('is kept without its credentials and card numbers', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const headers = { 'set-cookie': 'session=s3cr3t', 'x-api-token': 't0ken', 'x-trace': 'abc' };
    receiver.answerNext({ status: 200, headers, body: '{"echo":"4242424242424242"}' });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    const [attempt] = (await detailOf(delivery?.['id'])).attempts;
    expect(attempt.responseBody).toBe('{"echo":"************4242"}');
    expect(attempt.responseHeaders).toMatchObject({
      ...{ 'set-cookie': '[redacted]', 'x-api-token': '[redacted]', 'x-trace': 'abc' },
    });
    const stored = await rowsOf('SELECT response_headers::text AS text FROM attempts WHERE tenant_id = $1', tenantId);
    expect(stored[0].text).not.toMatch(/s3cr3t|t0ken/);
  });
});

describe('POST /webhook-erasures', () => {
  it('what waits is aborted as erased, what was said cannot be read, and what comes later is delivered', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 200, body: 'ok' });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivered] = await deliveriesOf(api, id, 'delivered');
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId), eventOf('payment.posted', tenantId)]);
    const [waiting] = await deliveriesOf(api, id, 'paused', 2);
    const answer = await api.post<any>('/webhook-erasures', undefined, { 'idempotency-key': 'erase-1' });
    expect(answer).toMatchObject({ status: 201, body: { state: 'running', keysDestroyed: 1 } });
    expect(await erased()).toMatchObject({ id: answer.body.id, deliveriesAborted: 2 });
    expect(await detailOf(waiting?.['id'])).toMatchObject({
      ...{ state: 'aborted', lastError: 'erased', attempts: [{ outcome: 'not_sent', error: 'erased' }] },
    });
    expect((await detailOf(delivered?.['id'])).attempts).toMatchObject([{ responseBody: null, erased: true }]);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    const retry = await api.post<any>(`/webhook-deliveries/${String(delivered?.['id'])}/retry`);
    expect(retry).toMatchObject({ status: 409, body: { code: 'message_erased' } });
    const later = eventOf('payment.posted', tenantId);
    await infrastructure.publish([later]);
    await deliveriesOf(api, id, 'delivered', 2);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id']).at(-1)).toBe(later.id);
    expect(receiver.requests).toHaveLength(2);
  });

  it('also what is in memory, waiting for its turn, is not sent any more', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 204, delayMs: 500 });
    await infrastructure.publish(Array.from({ length: 200 }, () => eventOf('payment.posted', tenantId)));
    await receiver.received();
    await api.post('/webhook-erasures');
    await deliveriesOf(api, id, 'pending', 0);
    await erased();
    const before = receiver.requests.length;
    const [later] = [eventOf('payment.failed', tenantId)];
    receiver.answerAlways({ status: 204 });
    await infrastructure.publish([later]);
    await receiver.received(({ headers }) => headers['webhook-id'] === later?.id);
    const target = service.app.get(EndpointDirectory).find(id);
    const held = {
      type: 'payment.posted',
      isTest: false,
      tenantId,
      id: newId(),
      endpointId: id,
      messageId: newId(),
      shard: 0,
      attempt: 0,
      keyId: 1,
    };
    const job = { ...held, createdAt: new Date(), body: Buffer.from('{}'), sequence: 1, traceparent: null };
    expect(await service.app.get(Sender).send(job, target!)).toMatchObject({ error: 'erased' });
    // Requests that were under way when the key went may still have come in between, at most one for each slot.
    expect(receiver.requests.length - before).toBeLessThanOrEqual(33);
    expect(
      await rowsOf('SELECT FROM deliveries WHERE tenant_id = $1 AND message_id <> $2', tenantId, later?.id),
    ).toEqual([]);
  });

  // The sweep may have passed when a fan-out commits that was under way: the sender finds no body.
  it('what the sweep did not see is aborted when it is loaded', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'paused');
    const destroy = `UPDATE tenant_keys SET wrapped = NULL, destroyed_at = now() WHERE tenant_id = $1`;
    await infrastructure.admin.query(destroy, [tenantId]);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    const [delivery] = await deliveriesOf(api, id, 'aborted');
    expect(await detailOf(delivery?.['id'])).toMatchObject({
      lastError: 'erased',
      attempts: [{ outcome: 'not_sent' }],
    });
    expect(receiver.requests).toEqual([]);
  });

  it('touches no other tenant, asks for its own scope, and is listed to the tenant alone', async () => {
    const neighbour = newId();
    const theirs = await infrastructure.api(service.url, neighbour, everything);
    const { id } = await createEndpoint(theirs, receiver.url);
    await theirs.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish([eventOf('payment.posted', neighbour)]);
    await deliveriesOf(theirs, id, 'paused');
    expect(await api.post<any>('/webhook-erasures')).toMatchObject({ status: 201, body: { keysDestroyed: 0 } });
    await erased();
    expect((await theirs.get<any>('/webhook-erasures')).body.items).toEqual([]);
    const weak = await infrastructure.api(service.url, neighbour);
    expect((await weak.post('/webhook-erasures')).status).toBe(403);
    await theirs.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    await deliveriesOf(theirs, id, 'delivered');
  });
});
