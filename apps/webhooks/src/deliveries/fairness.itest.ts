import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

const slots = 32;
let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let held: WebhookReceiver;
let release: () => void;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  const schedule = { WEBHOOK_RETRY_SCHEDULE_MS: '0,50,600000' };
  service = await startWebhooks(
    infrastructure.env({ ...schedule, WEBHOOK_CONCURRENCY: String(slots), WEBHOOK_TIMEOUT_MS: '20000' }),
  );
});
afterAll(async () => {
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  api = await infrastructure.api(service.url, tenantId);
  [receiver, held] = [await WebhookReceiver.start(), await WebhookReceiver.start()];
  const gate = new Promise<void>((resolve) => (release = resolve));
  held.answerBy(() => gate.then(() => ({ status: 204 })));
});
afterEach(async () => {
  release();
  await Promise.all([receiver.stop(), held.stop()]);
});

const events = (type: 'payment.posted' | 'payment.failed', count: number, tenant = tenantId) =>
  Array.from({ length: count }, () => eventOf(type, tenant));

it('F8 a slow endpoint leaves slots: everything for another one arrives while it still holds its own', async () => {
  const slow = await createEndpoint(api, held.url, { eventTypes: ['payment.failed'], maxConcurrency: 256 });
  const { id } = await createEndpoint(api, receiver.url, { eventTypes: ['payment.posted'] });
  await infrastructure.publish(events('payment.failed', 100));
  // Fewer than half of the slots where this machine is so busy that the dispatcher takes fewer.
  await eventually(() => held.requests.length >= 2);
  await infrastructure.publish(events('payment.posted', 100));
  await deliveriesOf(api, id, 'delivered', 50);
  await eventually(() => receiver.requests.length === 100);
  expect(held.requests.length).toBeLessThanOrEqual(slots / 2 + 1);
  expect(await deliveriesOf(api, slow.id, 'delivered', 0)).toEqual([]);
});

it('F9 a tenant that floods ten endpoints leaves slots to another tenant', async () => {
  for (let n = 0; n < 10; n += 1) await createEndpoint(api, held.url, { maxConcurrency: 256 });
  const quiet = newId();
  const quietApi = await infrastructure.api(service.url, quiet);
  const { id } = await createEndpoint(quietApi, receiver.url);
  await infrastructure.publish(events('payment.failed', 20));
  await eventually(() => held.requests.length >= 8);
  await infrastructure.publish(events('payment.posted', 40, quiet));
  await eventually(() => receiver.requests.length === 40);
  await deliveriesOf(quietApi, id, 'delivered', 40);
  expect(held.requests.length).toBeLessThan(slots);
});

it('F15 many retries due at once leave first tries their slots', async () => {
  const failing = 20;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const seen = new Map<unknown, number>();
  held.answerBy(({ headers }) => {
    const times = (seen.get(headers['webhook-id']) ?? 0) + 1;
    seen.set(headers['webhook-id'], times);
    return times <= failing ? { status: 500 } : gate.then(() => ({ status: 204 }));
  });
  // So many endpoints, each with fewer failures than open its breaker.
  for (let n = 0; n < failing; n += 1) await createEndpoint(api, held.url, { eventTypes: ['payment.failed'] });
  const other = newId();
  const otherApi = await infrastructure.api(service.url, other);
  const { id } = await createEndpoint(otherApi, receiver.url);
  await infrastructure.publish(events('payment.failed', 5));
  await eventually(() => held.requests.length > 5 * failing);
  await infrastructure.publish(events('payment.posted', 100, other));
  await eventually(() => receiver.requests.length === 100);
  await deliveriesOf(otherApi, id, 'delivered', 50);
  expect(held.requests.length).toBeLessThan(10 * failing);
});

describe('rate', () => {
  it('is what the receiver counts, and what waits for it stays as it was written', async () => {
    const rate = 5;
    const { id } = await createEndpoint(api, receiver.url, { ratePerSecond: rate });
    await infrastructure.publish(events('payment.posted', 15));
    const rows = () =>
      infrastructure.admin.query('SELECT id, xmin::text, due_at FROM deliveries WHERE endpoint_id = $1', [id]);
    await eventually(() => receiver.requests.length >= rate);
    const waiting = new Map((await rows()).rows.map((row) => [row.id, row]));
    await eventually(() => receiver.requests.length >= 2 * rate);
    const later = (await rows()).rows;
    expect(later.length).toBeGreaterThan(0);
    for (const row of later) expect(row).toEqual(waiting.get(row.id));
    await deliveriesOf(api, id, 'delivered', 15);
    expect(receiver.requests).toHaveLength(15);
    // A request may reach the receiver late, and thereby closer to the next one: a quarter of a second is for that.
    const at = receiver.requests.map(({ receivedAt }) => receivedAt.getTime());
    for (const [from, start] of at.entries()) {
      for (const [to, end] of at.entries()) {
        if (to >= from) expect(to - from + 1).toBeLessThanOrEqual(rate + (rate * (end - start + 250)) / 1000);
      }
    }
  });

  it('a limited endpoint does not hold up another one', async () => {
    await createEndpoint(api, held.url, { ratePerSecond: 1 });
    await createEndpoint(api, receiver.url);
    await infrastructure.publish(events('payment.posted', 60));
    await eventually(() => receiver.requests.length === 60);
    expect(held.requests.length).toBeLessThan(30);
  });
});

it('maxConcurrency is never exceeded', async () => {
  const { id } = await createEndpoint(api, receiver.url, { maxConcurrency: 3 });
  let [now, most] = [0, 0];
  receiver.answerBy(
    () => {
      now += 1;
      most = Math.max(most, now);
      return { status: 204, delayMs: 20 };
    },
    () => (now -= 1),
  );
  await infrastructure.publish(events('payment.posted', 40));
  await deliveriesOf(api, id, 'delivered', 40);
  expect(most).toBeGreaterThanOrEqual(1);
  expect(most).toBeLessThanOrEqual(3);
});

it('F17 a storm of 429 pauses the endpoint: no request during the pause, and no attempt burned', async () => {
  receiver.answerAlways({ status: 429, headers: { 'retry-after': '3600' } });
  const { id } = await createEndpoint(api, receiver.url, { eventTypes: ['payment.failed'], maxConcurrency: 4 });
  await createEndpoint(api, held.url, { eventTypes: ['payment.posted'] });
  await infrastructure.publish(events('payment.failed', 40));
  await eventually(async () => (await api.get<any>(`/webhook-endpoints/${id}`)).body.holdUntil !== null);
  await infrastructure.publish(events('payment.failed', 20));
  await infrastructure.publish(events('payment.posted', 1));
  await held.received();
  const { rows } = await infrastructure.admin.query(
    'SELECT sum(attempt)::int AS made, count(*)::int AS waiting FROM deliveries WHERE endpoint_id = $1',
    [id],
  );
  expect(rows).toEqual([{ made: receiver.requests.length, waiting: 60 }]);
  expect(receiver.requests.length).toBeLessThanOrEqual(4);
  expect((await api.get<any>(`/webhook-endpoints/${id}`)).body.breakerOpenedAt).toBeNull();
});
