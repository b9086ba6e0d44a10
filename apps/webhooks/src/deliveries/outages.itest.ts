import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { startOwnPostgres } from '@quittance/testing/own-postgres';
import type { OwnPostgres } from '@quittance/testing/own-postgres';
import { spawnService } from '@quittance/testing/service';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { migrations } from '../migrations/all.ts';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService | undefined;
let receiver: WebhookReceiver;
let tenantId: string;
let api: Api;

async function start(infra: Infrastructure, env: Record<string, string> = {}) {
  infrastructure = infra;
  service = await startWebhooks(infrastructure.env(env));
  api = await infrastructure.api(service.url, tenantId);
}
beforeEach(async () => {
  tenantId = newId();
  receiver = await WebhookReceiver.start();
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  await receiver.stop();
  await infrastructure.stop();
});

/** How often each event was sent, by the receiver's log, and by ours of what was sent. */
async function ledgers() {
  const { rows } = await infrastructure.admin.query(
    `SELECT message_id AS id, count(*)::int AS times FROM attempts
      WHERE tenant_id = $1 AND outcome <> 'not_sent' GROUP BY message_id`,
    [tenantId],
  );
  const received = Map.groupBy(receiver.requests, ({ headers }) => String(headers['webhook-id']));
  return {
    ours: new Map(rows.map(({ id, times }) => [id as string, times as number])),
    theirs: new Map([...received].map(([id, requests]) => [id, requests.length])),
  };
}
const open = async () =>
  (await infrastructure.admin.query('SELECT FROM deliveries WHERE tenant_id = $1', [tenantId])).rowCount;
const delivered = (count: number) =>
  eventually(
    async () => {
      const { rows } = await infrastructure.admin.query(
        `SELECT count(DISTINCT message_id)::int AS count FROM attempts WHERE tenant_id = $1 AND result = 'delivered'`,
        [tenantId],
      );
      return rows[0].count === count && (await open()) === 0;
    },
    { timeoutMs: 30_000 },
  );

describe('F3: Postgres restarts five times under load', () => {
  it('nothing is lost, nothing is sent that is not written down, nothing is sent twice', async () => {
    const postgres: OwnPostgres = await startOwnPostgres('webhooks', migrations);
    await start(await startInfrastructure(Promise.resolve(postgres)), { WEBHOOK_LEASE_MS: '30000' });
    await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 204, delayMs: 20 });
    const events = Array.from({ length: 150 }, () => eventOf('payment.posted', tenantId));
    for (let crash = 0; crash < 5; crash += 1) {
      const before = receiver.requests.length;
      const publishing = infrastructure.publish(events.slice(crash * 30, crash * 30 + 30));
      await eventually(() => receiver.requests.length > before, { timeoutMs: 20_000 });
      await postgres.crash();
      await publishing;
    }
    await delivered(150);
    const { ours, theirs } = await ledgers();
    expect(theirs).toEqual(ours);
    expect(new Set(theirs.keys())).toEqual(new Set(events.map(({ id }) => id)));
    expect([...theirs.values()]).toEqual(events.map(() => 1));
  }, 90_000);
});

describe('F4: NATS is down', () => {
  it('what is stored is delivered meanwhile; what is published after the restart comes, too', async () => {
    await start(await startInfrastructure());
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await infrastructure.publish(Array.from({ length: 20 }, () => eventOf('payment.posted', tenantId)));
    await deliveriesOf(api, id, 'paused', 20);
    // One has failed before, so that retries, too, are seen to need no broker.
    receiver.answerNext({ status: 500 });
    await infrastructure.nats.kill();
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    await deliveriesOf(api, id, 'delivered', 20);
    expect(receiver.requests).toHaveLength(21);
    await infrastructure.nats.restart();
    const later = eventOf('payment.posted', tenantId);
    await infrastructure.publish([later]);
    await receiver.received(({ headers }) => headers['webhook-id'] === later.id, { timeoutMs: 20_000 });
    await delivered(21);
  }, 60_000);
});

describe('F31: a stop signal under load', () => {
  it('no new request, answers awaited and written, leases given up: the next process sends nothing twice', async () => {
    infrastructure = await startInfrastructure();
    const first = await spawnService('webhooks', infrastructure.env({ INSTANCE_ID: 'first' }));
    api = await infrastructure.api(first.url, tenantId);
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 204, delayMs: 500 });
    const events = Array.from({ length: 100 }, () => eventOf('payment.posted', tenantId));
    await infrastructure.publish(events);
    await eventually(() => receiver.requests.length >= 10);
    expect(await first.stop()).toMatch(/\b0\b/);
    const sent = receiver.requests.length;
    expect(sent).toBeLessThan(100);
    const { ours, theirs } = await ledgers();
    expect(ours).toEqual(theirs);
    const { rows } = await infrastructure.admin.query('SELECT FROM shard_leases WHERE owner IS NOT NULL');
    expect(rows).toEqual([]);
    expect((await infrastructure.admin.query('SELECT FROM dispatchers')).rows).toEqual([]);
    await start(infrastructure, { INSTANCE_ID: 'second' });
    await delivered(100);
    expect(receiver.requests).toHaveLength(100);
    const flagged = 'SELECT FROM attempts WHERE endpoint_id = $1 AND n > 1';
    expect((await infrastructure.admin.query(flagged, [id])).rows).toEqual([]);
  }, 60_000);
});
