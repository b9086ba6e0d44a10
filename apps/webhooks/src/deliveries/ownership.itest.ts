import pg from 'pg';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { readConfig } from '@quittance/service-kit/config/load-config';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { WebhooksConfig } from '../config.ts';
import { shardOf } from '../domain/endpoint.ts';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  sealedBodies,
  startInfrastructure,
  startWebhooks,
} from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { noTimings } from './connection.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import type { Settlement } from './job.ts';
import { ShardLeases } from './shard-leases.ts';

let infrastructure: Infrastructure;
let db: Database;
let source: ReturnType<typeof createDataSource>;

beforeEach(async () => {
  infrastructure = await startInfrastructure();
  source = createDataSource({
    url: infrastructure.database.workerUrl,
    applicationName: 'test',
    entities: [],
    poolMax: 4,
  });
  await source.initialize();
  db = new Database(undefined, source);
});
afterEach(async () => {
  await source.destroy();
  await infrastructure.stop();
});

const leasesOf = (instanceId: string, leaseMs = '60000') =>
  new ShardLeases(
    db,
    readConfig(WebhooksConfig, infrastructure.env({ INSTANCE_ID: instanceId, WEBHOOK_LEASE_MS: leaseMs })),
  );
const idle = () => false;
const expireAll = () => infrastructure.admin.query(`UPDATE shard_leases SET expires_at = now() - interval '1 second'`);
const forget = (instanceId: string) =>
  infrastructure.admin.query('DELETE FROM dispatchers WHERE instance_id = $1', [instanceId]);

describe('shard leases', () => {
  it('the first dispatcher takes every shard; a second one gets its half as soon as the first has let go', async () => {
    const [a, b] = [leasesOf('a'), leasesOf('b')];
    await a.round(idle);
    expect(a.shards()).toHaveLength(64);
    await b.round(idle);
    expect(b.shards()).toHaveLength(0);
    await a.round(idle);
    await b.round(idle);
    expect([a.shards().length, b.shards().length]).toEqual([32, 32]);
    expect(new Set([...a.shards(), ...b.shards()]).size).toBe(64);
    await b.leave();
    await a.round(idle);
    expect(a.shards()).toHaveLength(64);
  });

  it('a shard with something under way is given away only when that is done', async () => {
    const [a, b] = [leasesOf('a'), leasesOf('b')];
    await a.round(idle);
    await b.round(idle);
    await a.round(() => true);
    await b.round(idle);
    expect([a.shards().length, b.shards().length]).toEqual([32, 0]);
    await a.round(idle);
    await b.round(idle);
    expect(b.shards()).toHaveLength(32);
  });

  it('after a restart under the same name it has its shards at once, with a higher epoch', async () => {
    const before = leasesOf('a');
    await before.round(idle);
    const after = leasesOf('a');
    await after.round(idle);
    expect(after.shards()).toHaveLength(64);
    expect(Number(after.held(0)?.epoch)).toBe(Number(before.held(0)?.epoch) + 1);
    await before.round(idle);
    expect(before.shards()).toHaveLength(0);
  });

  it('a process that was paused past its lease finds that it owns nothing', async () => {
    const [a, b] = [leasesOf('a'), leasesOf('b')];
    await a.round(idle);
    await expireAll();
    await forget('a');
    await b.round(idle);
    expect(b.shards()).toHaveLength(64);
    await a.round(idle);
    expect(a.shards().filter((shard) => b.held(shard) !== undefined)).toEqual([]);
  });

  it('stops counting on a lease before it runs out', async () => {
    const a = leasesOf('a', '500');
    await a.round(idle);
    expect(a.held(1)).toBeDefined();
    await eventually(() => a.held(1) === undefined, { timeoutMs: 450 });
    const { rows } = await infrastructure.admin.query(
      'SELECT expires_at > now() AS live FROM shard_leases WHERE shard = 1',
    );
    expect(rows).toEqual([{ live: true }]);
  });
});

describe('settling', () => {
  const deliveries = new DeliveryRepository(sealedBodies());
  const tenantId = newId();
  const endpointId = newId();
  const shard = shardOf(endpointId);

  async function openDelivery(): Promise<Settlement['job']> {
    const now = new Date();
    const [id, messageId] = [newId(), newId()];
    await infrastructure.admin.query(
      `INSERT INTO endpoints (tenant_id, id, shard, url, state, created_at, updated_at)
       VALUES ($1, $2, $3, 'https://a.example/', 'active', now(), now()) ON CONFLICT DO NOTHING`,
      [tenantId, endpointId, shard],
    );
    const message = { tenantId, id: messageId, type: 'payment.posted', subject: 's', sequence: 1, traceparent: null };
    const body = Buffer.from('{}');
    const shape = { channels: ['policy:"P\\1"', 'a,{b}'], isTest: false };
    const stored = await db.tx((tx) =>
      deliveries.store(
        ...([
          tx,
          [{ ...message, ...shape, occurredAt: now.toISOString(), body }],
          [{ tenantId, id, endpointId, messageId, shard }],
          now,
        ] as const),
      ),
    );
    expect(stored).toEqual([id]);
    return {
      ...{ tenantId, id, endpointId, messageId, shard, attempt: 0, createdAt: now, body, sequence: 1 },
      ...{ traceparent: null, type: 'payment.posted', isTest: false },
    };
  }

  function attempt(job: Settlement['job'], epoch: string, result: 'delivered' | null): Settlement {
    return {
      ...{ job, attemptId: newId(), epoch, n: job.attempt + 1, outcome: result ? 'succeeded' : 'failed' },
      reply: {
        ...{ status: result ? 200 : 500, error: null, retryAfter: null, instruction: null, startedAt: new Date() },
        ...{ durationMs: 5, headers: { a: 'b' }, body: Buffer.from('ok\0x'), truncated: false, timings: noTimings },
      },
      verdict: { result, dueAt: result ? null : new Date(Date.now() + 60_000), disable: null, holdUntil: null },
      possibleDuplicate: false,
    };
  }

  const settle = (owner: string, ...batch: Settlement[]) =>
    db.tx((tx) => deliveries.settle(tx, owner, batch, new Date()));
  const rowsOf = async (id: string) => {
    const open = await infrastructure.admin.query('SELECT attempt::int FROM deliveries WHERE id = $1', [id]);
    const attempts = await infrastructure.admin.query(
      'SELECT n::int, result FROM attempts WHERE delivery_id = $1 ORDER BY n',
      [id],
    );
    return { open: open.rows, attempts: attempts.rows };
  };

  it('changes nothing under an epoch that is over, and everything under the one that holds', async () => {
    const [a, b] = [leasesOf('a'), leasesOf('b')];
    await a.round(idle);
    const old = a.held(shard)?.epoch ?? '';
    const job = await openDelivery();
    await expireAll();
    await forget('a');
    await b.round(idle);
    expect(await settle('a', attempt(job, old, 'delivered'))).toEqual([]);
    expect(await settle('a', attempt(job, b.held(shard)?.epoch ?? '', 'delivered'))).toEqual([]);
    expect(await rowsOf(job.id)).toEqual({ open: [{ attempt: 0 }], attempts: [] });
    expect(await settle('b', attempt(job, b.held(shard)?.epoch ?? '', 'delivered'))).toEqual([job.id]);
    expect(await rowsOf(job.id)).toEqual({ open: [], attempts: [{ n: 1, result: 'delivered' }] });
  });

  it('repeated after a commit whose answer was lost, it writes nothing twice', async () => {
    const a = leasesOf('a');
    await a.round(idle);
    const epoch = a.held(shard)?.epoch ?? '';
    const [done, failed] = [await openDelivery(), await openDelivery()];
    const batch = [attempt(done, epoch, 'delivered'), attempt(failed, epoch, null)];
    expect((await settle('a', ...batch)).toSorted()).toEqual([done.id, failed.id].toSorted());
    expect(await settle('a', ...batch)).toEqual([]);
    expect(await rowsOf(done.id)).toEqual({ open: [], attempts: [{ n: 1, result: 'delivered' }] });
    expect(await rowsOf(failed.id)).toEqual({ open: [{ attempt: 1 }], attempts: [{ n: 1, result: null }] });
  });

  it('a takeover leaves out a shard of which a settle is under way, so that no settle lands behind it', async () => {
    const [a, b] = [leasesOf('a'), leasesOf('b')];
    await a.round(idle);
    const epoch = a.held(shard)?.epoch ?? '';
    const job = await openDelivery();
    await expireAll();
    await forget('a');
    await db.tx(async (tx) => {
      expect(await deliveries.settle(tx, 'a', [attempt(job, epoch, 'delivered')], new Date())).toEqual([job.id]);
      await b.round(idle);
      expect(b.shards()).toHaveLength(63);
      expect(b.held(shard)).toBeUndefined();
    });
    await b.round(idle);
    expect(b.held(shard)).toBeDefined();
    expect(await rowsOf(job.id)).toEqual({ open: [], attempts: [{ n: 1, result: 'delivered' }] });
  });

  it('the same message stored again makes no second delivery', async () => {
    const job = await openDelivery();
    const { rows } = await infrastructure.admin.query('SELECT * FROM messages WHERE id = $1', [job.messageId]);
    const [row] = rows;
    const again = {
      tenantId,
      id: row.id,
      type: row.event_type,
      subject: row.subject,
      sequence: row.sequence,
      traceparent: null,
      ...{ channels: row.channels, isTest: row.is_test },
    };
    expect(again.channels).toEqual(['policy:"P\\1"', 'a,{b}']);
    const stored = await db.tx((tx) =>
      deliveries.store(
        tx,
        [{ ...again, occurredAt: row.occurred_at.toISOString(), body: row.body }],
        [{ ...job, id: newId() }],
        new Date(),
      ),
    );
    expect(stored).toEqual([]);
  });
});

describe('two dispatchers', () => {
  let services: RunningService[];
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    services = [];
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    await Promise.all(services.map((each) => each.stop()));
    await receiver.stop();
  });
  const start = async (INSTANCE_ID: string, env: Record<string, string> = {}) => {
    const service = await startWebhooks(infrastructure.env({ INSTANCE_ID, ...env }));
    services.push(service);
    return service;
  };

  // Its sender died before it could write down what the receiver saw: at least once, and marked as such.
  it('what was sent and not written down is sent again by the next owner, under the same id', async () => {
    const dead = leasesOf('dead', '60000');
    await dead.round(idle);
    const service = await start('alive', { WEBHOOK_TIMEOUT_MS: '2000' });
    const tenantId = newId();
    const api = await infrastructure.api(service.url, tenantId);
    const { id } = await createEndpoint(api, receiver.url);
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    const [waiting] = await deliveriesOf(api, id, 'pending');
    expect(receiver.requests).toHaveLength(0);
    await expireAll();
    await forget('dead');
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    expect(delivery?.['id']).toBe(waiting?.['id']);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([event.id]);
    const { body } = await api.get<any>(`/webhook-deliveries/${String(delivery?.['id'])}`);
    expect(body.attempts).toMatchObject([{ number: 1, possibleDuplicate: true }]);
  });

  it('a dispatcher that lost its shards during a request writes nothing, and the owner sends again', async () => {
    const service = await start('a', { WEBHOOK_TIMEOUT_MS: '5000', WEBHOOK_LEASE_MS: '60000' });
    const tenantId = newId();
    const api = await infrastructure.api(service.url, tenantId);
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 500, delayMs: 600 });
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    await receiver.received();
    const thief = new pg.Client({ connectionString: infrastructure.database.workerUrl });
    await thief.connect();
    await thief.query(`UPDATE shard_leases SET owner = 'b', epoch = epoch + 1, expires_at = now() + interval '400 ms'`);
    await thief.end();
    await start('b');
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    const { body } = await api.get<any>(`/webhook-deliveries/${String(delivery?.['id'])}`);
    expect(body.attempts).toMatchObject([{ number: 1, status: 204, possibleDuplicate: true }]);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id]);
  });

  it('a clean stop hands everything over: nothing is sent twice', async () => {
    const service = await start('a', { WEBHOOK_TIMEOUT_MS: '2000' });
    const tenantId = newId();
    let api = await infrastructure.api(service.url, tenantId);
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 204, delayMs: 150 });
    const events = Array.from({ length: 20 }, () => eventOf('payment.posted', tenantId));
    await infrastructure.publish(events);
    await receiver.received();
    await service.stop();
    services = [];
    const next = await start('b');
    api = await infrastructure.api(next.url, tenantId);
    await deliveriesOf(api, id, 'delivered', 20);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids.toSorted()).toEqual(events.map((event) => event.id).toSorted());
  });
});
