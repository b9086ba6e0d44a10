import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import { MeasureBacklogWorker } from './measure-backlog.worker.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let healthy: WebhookReceiver;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
});
afterAll(() => infrastructure.stop());
beforeEach(async () => {
  tenantId = newId();
  [receiver, healthy] = [await WebhookReceiver.start(), await WebhookReceiver.start()];
  receiver.answerAlways({ status: 500 });
});
afterEach(async () => {
  await service.stop();
  await Promise.all([receiver.stop(), healthy.stop()]);
});

async function start(schedule = '0,600000'): Promise<void> {
  service = await startWebhooks(infrastructure.env({ WEBHOOK_RETRY_SCHEDULE_MS: schedule }));
  api = await infrastructure.api(service.url, tenantId);
}

const publish = (type: 'payment.posted' | 'payment.failed', count: number) =>
  infrastructure.publish(Array.from({ length: count }, () => eventOf(type, tenantId)));
const endpointOf = async (id: string) => (await api.get<any>(`/webhook-endpoints/${id}`)).body;
const isBroken = (id: string) => eventually(async () => (await endpointOf(id)).breakerOpenedAt !== null);

async function said(endpointId: string) {
  const { rows } = await infrastructure.admin.query('SELECT body FROM event_log WHERE subject = $1 ORDER BY seq', [
    endpointId,
  ]);
  return rows.map(({ body }) => JSON.parse(body.toString()));
}

/** One request at a time, so that the tenth failure is the last request. */
const createBroken = (eventTypes = ['payment.failed']) =>
  createEndpoint(api, receiver.url, { eventTypes, maxConcurrency: 1 });

it('F18 opens at the tenth failure and says so; what waits burns no attempt and touches nobody else', async () => {
  await start();
  const { id } = await createBroken();
  await createEndpoint(api, healthy.url, { eventTypes: ['payment.posted'] });
  await publish('payment.failed', 30);
  await isBroken(id);
  await publish('payment.failed', 5);
  await publish('payment.posted', 3);
  await eventually(() => healthy.requests.length === 3);
  expect(receiver.requests).toHaveLength(10);
  const items = await deliveriesOf(api, id, 'pending', 35);
  expect(items.map((item) => item['attemptCount']).toSorted()).toEqual([...Array(25).fill(0), ...Array(10).fill(1)]);
  await eventually(async () => {
    service.app.get(MeasureBacklogWorker).kick();
    return (await (await fetch(`${service.healthUrl}/metrics`)).text()).includes('webhook_breakers_open 1\n');
  });
  expect(await said(id)).toMatchObject([
    {
      ...{ type: 'webhook_endpoint.breaker_opened', sequence: '0000000001' },
      data: { endpointId: id, reason: 'consecutive_failures', lastStatus: 500, deliveryId: expect.any(String) },
    },
  ]);
});

it('recovers by three probes, one at a time, and then sends what waited', async () => {
  await start();
  const { id } = await createBroken();
  await publish('payment.failed', 30);
  await isBroken(id);
  let [underWay, most] = [0, 0];
  receiver.answerBy(
    () => {
      underWay += 1;
      if (receiver.requests.length <= 13) most = Math.max(most, underWay);
      return { status: 204, delayMs: 20 };
    },
    () => (underWay -= 1),
  );
  // Somebody who mended it need not wait for the next probe.
  await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { description: 'mended', maxConcurrency: 32 } });
  await deliveriesOf(api, id, 'delivered', 20);
  expect(most).toBe(1);
  expect(await endpointOf(id)).toMatchObject({ breakerOpenedAt: null });
  expect((await said(id)).map(({ type, sequence }) => [type, sequence])).toEqual([
    ['webhook_endpoint.breaker_opened', '0000000001'],
    ['webhook_endpoint.recovered', '0000000002'],
  ]);
  expect(receiver.requests).toHaveLength(30);
  await deliveriesOf(api, id, 'pending', 10);
});

it('the next owner finds it open: one probe and no more, and nothing is said a second time', async () => {
  await start();
  const { id } = await createBroken();
  await createEndpoint(api, healthy.url, { eventTypes: ['payment.posted'] });
  await publish('payment.failed', 30);
  await isBroken(id);
  await service.stop();
  await start();
  await eventually(() => receiver.requests.length === 11);
  await publish('payment.failed', 5);
  await publish('payment.posted', 1);
  await healthy.received();
  await eventually(async () => {
    const { rows } = await infrastructure.admin.query(
      'SELECT sum(attempt)::int AS made FROM deliveries WHERE endpoint_id = $1',
      [id],
    );
    return rows[0].made === 11;
  });
  expect(receiver.requests).toHaveLength(11);
  expect(await said(id)).toHaveLength(1);
});

it('what waited behind it for a whole schedule is exhausted without a request: nothing waits for ever', async () => {
  await start('0,1');
  const { id } = await createBroken();
  await publish('payment.failed', 30);
  const exhausted = await deliveriesOf(api, id, 'exhausted', 30);
  expect(receiver.requests.length).toBeLessThan(20);
  const unsent = exhausted.filter((item) => item['lastError'] === 'breaker_open');
  expect(unsent.length).toBeGreaterThan(10);
  const { body } = await api.get<any>(`/webhook-deliveries/${String(unsent[0]?.['id'])}`);
  expect(body.attempts.at(-1)).toMatchObject({ outcome: 'not_sent', error: 'breaker_open', status: null });
  const { rows } = await infrastructure.admin.query(
    `SELECT count(*)::int AS said FROM event_log WHERE type = 'webhook_delivery.exhausted' AND tenant_id = $1`,
    [tenantId],
  );
  expect(rows).toEqual([{ said: 30 }]);
});
