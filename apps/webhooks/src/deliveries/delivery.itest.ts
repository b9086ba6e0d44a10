import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  startInfrastructure,
  startWebhooks,
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

async function detailOf(id: unknown) {
  const { body } = await api.get<any>(`/webhook-deliveries/${String(id)}`);
  return body;
}

/** What this service itself said about an aggregate. */
async function saidAbout(subject: string) {
  const { rows } = await infrastructure.admin.query('SELECT body FROM event_log WHERE subject = $1 ORDER BY seq', [
    subject,
  ]);
  return rows.map(({ body }) => JSON.parse(body.toString()));
}

describe('delivery', () => {
  it('an event reaches the endpoint, signed, with the event’s data, and is written down', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const event = eventOf('payment.posted', tenantId, { traceparent });
    await infrastructure.publish([event]);
    const request = await receiver.received();
    expect(verified(request, secret)).toEqual({
      ...{ type: 'payment.posted', timestamp: event.time, data: event.data, id: event.id, sequence: '0000000001' },
    });
    expect(request.headers).toMatchObject({
      'webhook-id': event.id,
      'webhook-sequence': '1',
      'content-type': 'application/json',
    });
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    expect(delivery).toMatchObject({
      eventId: event.id,
      eventType: 'payment.posted',
      attemptCount: 1,
      lastStatus: 204,
    });
    expect((await detailOf(delivery?.['id'])).attempts).toEqual([
      expect.objectContaining({ number: 1, outcome: 'succeeded', status: 204, possibleDuplicate: false }),
    ]);
    const { rows } = await infrastructure.admin.query('SELECT traceparent FROM messages WHERE id = $1', [event.id]);
    expect(rows).toEqual([{ traceparent }]);
  });

  it('takes every partner-visible stream, and only the types that the endpoint names', async () => {
    await createEndpoint(api, receiver.url, { eventTypes: ['instalment.paid', 'payment.failed'] });
    await infrastructure.publish([
      eventOf('payment.posted', tenantId),
      eventOf('payment.failed', tenantId),
      eventOf('instalment.paid', tenantId),
    ]);
    await receiver.received(({ body }) => body.includes('instalment.paid'));
    await receiver.received(({ body }) => body.includes('payment.failed'));
    expect(receiver.requests).toHaveLength(2);
  });

  it('an event that comes twice is one delivery', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const event = eventOf('payment.posted', tenantId);
    const after = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event, event, event, after]);
    await receiver.received(({ headers }) => headers['webhook-id'] === after.id);
    await deliveriesOf(api, id, 'delivered', 2);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, after.id]);
  });

  it('500 and then 200: tried again under the same id, both attempts recorded', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 500, body: 'not today' }, { status: 200, body: 'ok' });
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    expect(receiver.requests.map((request) => verified(request, secret)['id'])).toEqual([event.id, event.id]);
    expect((await detailOf(delivery?.['id'])).attempts).toMatchObject([
      { number: 1, outcome: 'failed', status: 500, responseBody: 'not today' },
      { number: 2, outcome: 'succeeded', status: 200, responseBody: 'ok' },
    ]);
  });

  it('when every attempt fails it is exhausted, said once, and may be retried by hand', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 500 });
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    const [delivery] = await deliveriesOf(api, id, 'exhausted');
    const deliveryId = String(delivery?.['id']);
    expect(receiver.requests).toHaveLength(4);
    expect(await saidAbout(deliveryId)).toMatchObject([
      {
        type: 'webhook_delivery.exhausted',
        sequence: '0000000001',
        data: { endpointId: id, deliveryId, eventId: event.id, attempts: 4, lastStatus: 500 },
      },
    ]);
    expect((await api.post(`/webhook-deliveries/${deliveryId}/retry`)).status).toBe(202);
    await eventually(async () => (await saidAbout(deliveryId)).length === 2);
    expect((await saidAbout(deliveryId))[1]).toMatchObject({ sequence: '0000000002', data: { attempts: 5 } });
    receiver.answerAlways({ status: 204 });
    const retried = await api.post(`/webhook-deliveries/${deliveryId}/retry`);
    expect(retried).toMatchObject({ status: 202, body: { id: deliveryId, state: 'pending', attemptCount: 5 } });
    await deliveriesOf(api, id, 'delivered');
    await deliveriesOf(api, id, 'exhausted', 0);
    expect((await detailOf(deliveryId)).attempts).toHaveLength(6);
  });

  it('410 disables the endpoint, says so, and keeps what is waiting until it is switched on again', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 410 });
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    await eventually(async () => (await api.get(`/webhook-endpoints/${id}`)).body['disabledReason'] === 'gone');
    expect((await api.get(`/webhook-endpoints/${id}`)).body).toMatchObject({ state: 'disabled' });
    await deliveriesOf(api, id, 'paused');
    expect(await saidAbout(id)).toMatchObject([
      {
        type: 'webhook_endpoint.disabled',
        sequence: '0000000001',
        data: { reason: 'gone', lastStatus: 410, eventId: event.id },
      },
    ]);
    expect((await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } })).status).toBe(409);
    receiver.answerAlways({ status: 204 });
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    await deliveriesOf(api, id, 'delivered');
    expect((await saidAbout(id))[1]).toMatchObject({ type: 'webhook_endpoint.enabled', sequence: '0000000002' });
    expect(receiver.requests).toHaveLength(2);
  });

  it('a paused endpoint collects its deliveries and gets them when it is active again', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId), eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'paused', 2);
    const [first] = await deliveriesOf(api, id, 'paused', 2);
    expect((await api.post(`/webhook-deliveries/${String(first?.['id'])}/retry`)).body).toMatchObject({
      code: 'endpoint_not_active',
    });
    expect(receiver.requests).toHaveLength(0);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    await deliveriesOf(api, id, 'delivered', 2);
  });

  it('the next send uses an edited URL', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 500 });
    const moved = await WebhookReceiver.start();
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { url: `${moved.url}/new` } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    expect((await moved.received()).path).toBe('/hook/new');
    expect(receiver.requests).toHaveLength(0);
    await deliveriesOf(api, id, 'delivered');
    await moved.stop();
  });

  it('removing an endpoint aborts what waits for it', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'paused');
    expect((await api.send('DELETE', `/webhook-endpoints/${id}`)).body).toMatchObject({ id, state: 'deleted' });
    const [delivery] = await deliveriesOf(api, id, 'aborted');
    await eventually(async () => {
      const { rows } = await infrastructure.admin.query('SELECT result FROM attempts WHERE endpoint_id = $1', [id]);
      return rows[0]?.result === 'aborted';
    });
    expect((await infrastructure.admin.query('SELECT FROM deliveries WHERE endpoint_id = $1', [id])).rows).toEqual([]);
    expect(await detailOf(delivery?.['id'])).toMatchObject({ state: 'aborted', attemptCount: 0 });
    expect((await api.get(`/webhook-endpoints/${id}`)).status).toBe(404);
  });

  it('429 with Retry-After holds the whole endpoint, and burns no attempt meanwhile', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 429, headers: { 'retry-after': '3600' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await eventually(async () => (await api.get(`/webhook-endpoints/${id}`)).body['holdUntil'] !== null);
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [held] = await deliveriesOf(api, id, 'pending', 2);
    expect(held).toMatchObject({ attemptCount: 0 });
    // Switching it on overrules the receiver: the one that was never tried goes out, the other keeps its own time.
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    await deliveriesOf(api, id, 'delivered');
    expect(receiver.requests).toHaveLength(2);
  });
});

describe('a receiver that misbehaves', () => {
  it('a slow endpoint with a long queue does not hold up another one', async () => {
    const slow = await WebhookReceiver.start();
    slow.answerAlways({ status: 204, delayMs: 700 });
    const { id } = await createEndpoint(api, slow.url, { eventTypes: ['payment.failed'] });
    await createEndpoint(api, receiver.url, { eventTypes: ['payment.posted'] });
    await infrastructure.publish(Array.from({ length: 100 }, () => eventOf('payment.failed', tenantId)));
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await receiver.received();
    expect(slow.requests.length).toBeLessThan(100);
    await deliveriesOf(api, id, 'delivered', 50);
    await slow.stop();
  });

  it('F10 slow headers are cut by the deadline, and the slot is free again', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 200, delayMs: 5_000 });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    expect((await detailOf(delivery?.['id'])).attempts).toMatchObject([
      { outcome: 'failed', status: null, error: 'timeout' },
      { outcome: 'succeeded' },
    ]);
  });

  it('F12 a redirect is a failure and is not followed', async () => {
    const secret = await WebhookReceiver.start();
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 302, headers: { location: secret.url } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'exhausted');
    expect(secret.requests).toHaveLength(0);
    await secret.stop();
  });

  it('a connection that breaks is a failed attempt like any other', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ hangUp: true });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    expect((await detailOf(delivery?.['id'])).attempts[0]).toMatchObject({ status: null, error: 'connection_lost' });
  });
});
