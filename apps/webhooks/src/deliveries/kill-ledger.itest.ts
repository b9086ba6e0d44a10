import { jetstreamManager } from '@nats-io/jetstream';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { newId } from '@quittance/service-kit/id';
import { createEndpoint, eventOf, startInfrastructure } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { booksOf, killPoints, spawnKillable, untilAllDelivered } from '../testing/killable.itest.ts';
import type { Killable, KillPoint } from '../testing/killable.itest.ts';

const endpoints = 8;
const leaseMs = 3_000;
const hourMs = 3_600_000;
const retryMs = 400;

let infrastructure: Infrastructure;
let receiver: WebhookReceiver;
let services: Record<'a' | 'b', Killable>;
let tenantId: string;
let events: { id: string }[];

const env = (INSTANCE_ID: string, over: Record<string, string> = {}) => {
  const waits = ['0', ...Array.from({ length: 20 }, () => String(retryMs))].join(',');
  const times = { WEBHOOK_TIMEOUT_MS: '2000', WEBHOOK_RETRY_SCHEDULE_MS: waits, WEBHOOK_LEASE_MS: String(leaseMs) };
  return infrastructure.env({ INSTANCE_ID, ...times, ...over });
};

/** Two dispatchers with half of the shards each, and a tenant whose endpoints are spread over both. */
async function start(over: Record<'a' | 'b', Record<string, string>> = { a: {}, b: {} }): Promise<void> {
  const [a, b] = await Promise.all([spawnKillable(env('a', over.a)), spawnKillable(env('b', over.b))]);
  services = { a, b };
  await eventually(async () => expect(await owners()).toEqual({ a: 32, b: 32 }) === undefined);
}

async function owners(): Promise<Record<string, number>> {
  const { rows } = await infrastructure.admin.query<{ owner: string; shards: number }>(
    'SELECT owner, count(*)::int AS shards FROM shard_leases WHERE expires_at > now() GROUP BY owner',
  );
  return Object.fromEntries(rows.map(({ owner, shards }) => [owner, shards]));
}

async function publish(count: number): Promise<void> {
  const more = Array.from({ length: count }, () => eventOf('payment.posted', tenantId));
  events.push(...more);
  await infrastructure.publish(more);
}

const books = () => booksOf({ admin: infrastructure.admin, requests: receiver.requests, events, endpoints });
const ended = () => untilAllDelivered({ admin: infrastructure.admin, events, endpoints });

/** Requests that the log does not know yet, or never will: what a process that dies now had in its hands at most. */
async function unsettled(): Promise<number> {
  const { rows } = await infrastructure.admin.query<{ logged: number }>(
    'SELECT count(*)::int AS logged FROM attempts WHERE message_id = ANY($1)',
    [events.map(({ id }) => id)],
  );
  return receiver.requests.length - (rows[0]?.logged ?? 0);
}

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  receiver = await WebhookReceiver.start();
  // What a dead reader had not acknowledged is due again after this; five seconds outside of tests.
  const nats = await infrastructure.nats.connect('provisioner');
  const manager = await jetstreamManager(nats, { checkAPI: false });
  await manager.consumers.update('PAYMENTS', 'webhooks', { ack_wait: 1_000_000_000 });
  await nats.close();
  await start();
  tenantId = newId();
  const api = await infrastructure.api(services.a.service.url, tenantId);
  for (let n = 0; n < endpoints; n += 1) await createEndpoint(api, `${receiver.url}/${n}`);
}, 60_000);
afterAll(async () => {
  await Promise.all(Object.values(services).map((each) => each.stop()));
  await receiver.stop();
  await infrastructure.stop();
});
beforeEach(() => {
  events = [];
  receiver.requests.length = 0;
  receiver.answerAlways({ status: 204, delayMs: 20 });
});

/** Whoever passes this point first dies, and is started again. @returns how much was under way then, at most */
async function strike(point: KillPoint): Promise<number> {
  for (const service of Object.values(services)) service.order(point);
  await publish(15);
  await eventually(() => Object.values(services).some((each) => each.hasDied()), { timeoutMs: 30_000 });
  const dead = Object.values(services).filter((each) => each.countermand());
  const underWay = await unsettled();
  await Promise.all(
    dead.map(async ({ service }) => {
      await service.kill();
      await service.restart();
    }),
  );
  return underWay;
}

describe('F1, F2: kill -9 at every point of the way of an event, one of two instances after the other', () => {
  it('every event arrives; what came twice is marked, and is no more than was under way', async () => {
    const underWay: number[] = [];
    for (const point of killPoints) {
      receiver.answerNext(...Array.from({ length: 5 }, () => ({ status: 500 })));
      underWay.push(await strike(point));
    }
    await ended();
    const { repeated, ...wrong } = await books();
    expect(wrong).toEqual({ missing: 0, wrongLogs: 0, unflagged: 0 });
    // At three of the points a request is out and not written down; that it is then sent again is what F2 is about.
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThanOrEqual(Math.max(...underWay));
  }, 120_000);
});

describe('F6: a process that is stopped past its lease and wakes up', () => {
  it('settles nothing of what others own by then, loses no row, and the books agree', async () => {
    const asleep = services.a.service;
    receiver.answerAlways({ status: 204, delayMs: 300 });
    await publish(15);
    await eventually(() => receiver.requests.length > 20);
    asleep.signal('SIGSTOP');
    try {
      // Stopped within a settle, it holds those shards until Postgres ends its idle transaction, after ten seconds.
      const all = async () => expect(await owners()).toEqual({ b: 64 }) === undefined;
      await eventually(all, { timeoutMs: 30_000 });
      receiver.answerAlways({ status: 204 });
      // Those that a had in its hands, too: b sends them again.
      await eventually(async () => {
        const { rows } = await infrastructure.admin.query<{ open: number }>(
          'SELECT count(*)::int AS open FROM deliveries',
        );
        return rows[0]?.open === 0;
      });
    } finally {
      asleep.signal('SIGCONT');
    }
    await publish(5);
    await ended();
    await eventually(async () => expect(await owners()).toEqual({ a: 32, b: 32 }) === undefined);
    expect(await books()).toMatchObject({ missing: 0, wrongLogs: 0, unflagged: 0 });
  }, 60_000);
});

describe('F7: two instances whose clocks are an hour apart from the truth, each to its side', () => {
  beforeAll(async () => {
    await Promise.all(Object.values(services).map((each) => each.stop()));
    await start({ a: { CLOCK_SKEW_MS: String(hourMs) }, b: { CLOCK_SKEW_MS: String(-hourMs) } });
  }, 60_000);

  it("retries come in their time by the database's clock", async () => {
    receiver.answerNext(...Array.from({ length: 30 }, () => ({ status: 500 })));
    await publish(10);
    await ended();
    expect(await books()).toEqual({ missing: 0, wrongLogs: 0, repeated: 0, unflagged: 0 });
    expect(await shortestRetryMs()).toBeGreaterThanOrEqual(retryMs);
  }, 60_000);

  it('what a kill leaves behind is sent again at once, and marked', async () => {
    for (const point of ['after the fan-out committed, before its ack', 'after a send'] as const) await strike(point);
    await ended();
    expect(await books()).toMatchObject({ missing: 0, wrongLogs: 0, unflagged: 0 });
  }, 120_000);

  /** Between an attempt that was written down as failed and the request after it, by the receiver's clock. */
  async function shortestRetryMs(): Promise<number> {
    const { rows } = await infrastructure.admin.query<{ message: string; path: string }>(
      `SELECT a.message_id::text AS message, substring(e.url FROM 'https?://[^/]+(/.*)$') AS path
         FROM attempts a JOIN endpoints e ON e.tenant_id = a.tenant_id AND e.id = a.endpoint_id
        WHERE a.message_id = ANY($1) GROUP BY a.delivery_id, a.message_id, e.url
       HAVING count(*) > 1`,
      [events.map(({ id }) => id)],
    );
    expect(rows.length).toBeGreaterThan(0);
    const waits = rows.map(({ message, path }) => {
      const [first, second] = receiver.requests.filter(
        (request) => request.headers['webhook-id'] === message && request.path === path,
      );
      return Number(second?.receivedAt) - Number(first?.receivedAt);
    });
    return Math.min(...waits);
  }
});
