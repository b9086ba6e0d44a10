import { readFileSync } from 'node:fs';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, verified } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: SpawnedService;
let receiver: WebhookReceiver;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  receiver = await WebhookReceiver.start();
  const schedule = { WEBHOOK_RETRY_SCHEDULE_MS: ['0', ...Array.from({ length: 48 }, () => '50'), '600000'].join(',') };
  const env = infrastructure.env({ LOG_LEVEL: 'trace', WEBHOOK_TIMEOUT_MS: '2000', ...schedule });
  service = await spawnService('webhooks', env);
});
afterAll(async () => {
  await service.stop();
  await receiver.stop();
  await infrastructure.stop();
});

it('kill -9 with requests under way: every event arrives, under its own id, and ends as delivered', async () => {
  const tenantId = newId();
  const api = await infrastructure.api(service.url, tenantId);
  const { id, secret } = await createEndpoint(api, receiver.url);
  const other = await createEndpoint(api, receiver.url, { eventTypes: ['payment.posted'] });
  const events = Array.from({ length: 40 }, () => eventOf('payment.posted', tenantId));
  for (const [at, batch] of [events.slice(0, 20), events.slice(20)].entries()) {
    receiver.answerAlways({ status: at === 1 ? 500 : 204, delayMs: 100 });
    const before = receiver.requests.length;
    await infrastructure.publish(batch);
    await eventually(() => receiver.requests.length > before + 2);
    await service.kill();
    await service.restart();
  }
  receiver.answerAlways({ status: 204 });
  await eventually(async () => {
    const { rows } = await infrastructure.admin.query(
      `SELECT count(DISTINCT delivery_id)::int AS delivered, (SELECT count(*)::int FROM deliveries) AS open
         FROM attempts WHERE result = 'delivered' AND tenant_id = $1`,
      [tenantId],
    );
    return rows[0].delivered === 80 && rows[0].open === 0;
  });
  const { rows } = await infrastructure.admin.query(
    `SELECT array_agg(n::int ORDER BY id) AS numbers FROM attempts WHERE tenant_id = $1 GROUP BY delivery_id`,
    [tenantId],
  );
  for (const { numbers } of rows) expect(numbers).toEqual(numbers.map((_: number, at: number) => at + 1));
  const arrived = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
  expect(arrived).toEqual(new Set(events.map((event) => event.id)));
  expect(receiver.requests.filter((request) => isSignedWith(request, secret)).length).toBeGreaterThanOrEqual(40);
  expect(
    (await deliveriesOf(api, id, 'pending', 0)).length + (await deliveriesOf(api, other.id, 'pending', 0)).length,
  ).toBe(0);
}, 60_000);

it('a secret is in no log line, not even at level trace', async () => {
  const api = await infrastructure.api(service.url, newId());
  const { id, secret } = await createEndpoint(api, receiver.url);
  await api.get(`/webhook-endpoints/${id}`);
  await api.post('/webhook-endpoints', { url: 'https://10.0.0.1/', secret });
  const log = await eventually(() => {
    const text = readFileSync(service.logFile, 'utf8');
    return text.includes('/webhook-endpoints') && text;
  });
  expect(log).not.toContain(secret.slice('whsec_'.length));
  expect(log).not.toContain(infrastructure.env()['SECRETS_KEY']?.replace('dev-', ''));
});

function isSignedWith(request: Parameters<typeof verified>[0], secret: string): boolean {
  try {
    return verified(request, secret)['id'] === request.headers['webhook-id'];
  } catch {
    return false;
  }
}
