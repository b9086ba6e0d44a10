import { headers as natsHeaders } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import autocannon from 'autocannon';
import pg from 'pg';
import { encode, headersOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import { newId } from '@quittance/service-kit/id';
import { TokenIssuer } from '@quittance/testing/tokens';
import { migrations } from '../../apps/billing/src/migrations/all.ts';
import { delay } from '../processes.mjs';
import { ALLOCATE, ISSUE } from './billing-floor.ts';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { startBuilt } from './service.ts';

const CONNECTIONS = 16;
const FLOOR_CONNECTIONS = 4;
const SECONDS = 6;
const ROUNDS = 3;
const BULK = 2_000;
const BATCH = 200;
const BODY = Buffer.alloc(1_150, 97);

const policy = () => {
  const today = new Date().toISOString().slice(0, 10);
  return {
    ...{ policyNumber: 'BENCH', policyholderLocator: 'holder', currency: 'USD', timeZone: 'UTC' },
    ...{ effectiveDate: today, expirationDate: `${Number(today.slice(0, 4)) + 1}${today.slice(4)}` },
    ...{ plan: '1year-monthly', collection: 'automatic', paymentMethodId: 'pm' },
    charges: [
      { category: 'premium', amount: '280.08' },
      { category: 'tax', amount: '27.96' },
    ],
  };
};

async function published(nats: NatsConnection, events: readonly QuittanceEvent[]): Promise<void> {
  const js = jetstream(nats);
  await Promise.all(
    events.map((event) => {
      const carried = natsHeaders();
      for (const [key, value] of Object.entries(headersOf(event))) carried.set(key, value);
      return js.publish(event.type, encode(event), { headers: carried });
    }),
  );
}

function eventOf<T extends 'policy.issued' | 'payment.posted'>(
  type: T,
  tenantid: string,
  data: object,
): QuittanceEvent {
  const id = newId();
  return { ...sampleEvent(type), id, correlationid: id, tenantid, subject: id, data } as QuittanceEvent;
}

interface Bench {
  readonly admin: pg.Client;
  readonly appUrl: string;
  readonly serviceUrl: string;
  readonly token: string;
  readonly tenantId: string;
  readonly floorTenant: string;
  readonly policySystem: NatsConnection;
  readonly payments: NatsConnection;
}

/** Bare SQL in batches, as one tenant. On few connections: its statements hold the counter of invoices all along. */
async function bare({ appUrl, floorTenant }: Bench, batches: readonly unknown[][], text: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: appUrl, max: FLOOR_CONNECTIONS, pipeline: true });
  const left = [...batches];
  await Promise.all(
    Array.from({ length: Math.min(FLOOR_CONNECTIONS, left.length) }, async () => {
      const client = await pool.connect();
      for (let values = left.shift(); values; values = left.shift()) {
        await Promise.all([
          client.query('BEGIN'),
          client.query({ name: 't', text: `SELECT set_config('app.tenant_id', $1, true)`, values: [floorTenant] }),
          client.query({ name: text.slice(0, 50), text, values }),
          client.query('COMMIT'),
        ]);
      }
      client.release();
    }),
  );
  await pool.end();
}

async function untilCounted(admin: pg.Client, table: string, tenantId: string, wanted: number): Promise<void> {
  for (;;) {
    const { rows } = await admin.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table} WHERE tenant_id = $1`,
      [tenantId],
    );
    if (rows[0]!.count >= wanted) return;
    await delay(20);
  }
}
const countOf = async (admin: pg.Client, table: string, tenantId: string) =>
  (await admin.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table} WHERE tenant_id = $1`, [tenantId]))
    .rows[0]!.count;

/** A turn of the floor is not measured again as events that the service publishes. */
const forgotten = (admin: pg.Client) => admin.query('TRUNCATE outbox_queue');

async function overHttp(bench: Bench): Promise<Outcome> {
  const product = async () => {
    const result = await autocannon({
      ...{ url: `${bench.serviceUrl}/policies`, method: 'POST', connections: CONNECTIONS, duration: SECONDS },
      headers: { authorization: `Bearer ${bench.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(policy()),
    });
    if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx} not 2xx, ${result.errors} errors`);
    return result['2xx'] / result.duration;
  };
  const floor = async () => {
    const startedAt = performance.now();
    const batches = Array.from({ length: 1_500 }, () => [bench.floorTenant, 1, BODY]);
    await bare(bench, batches, ISSUE);
    await forgotten(bench.admin);
    return perSecond(batches.length, startedAt);
  };
  await product();
  await bench.admin.query('ANALYZE');
  return outcome('POST /policies, a schedule of twelve and its first invoice', 'schedules/s', {
    ...(await byTurns(ROUNDS, floor, product)),
    details: { connections: CONNECTIONS },
  });
}

async function inBulk(bench: Bench): Promise<Outcome> {
  const product = async () => {
    const before = await countOf(bench.admin, 'schedules', bench.tenantId);
    const events = Array.from({ length: BULK }, () =>
      eventOf('policy.issued', bench.tenantId, { ...policy(), policyLocator: newId() }),
    );
    const startedAt = performance.now();
    await published(bench.policySystem, events);
    await untilCounted(bench.admin, 'schedules', bench.tenantId, before + BULK);
    return perSecond(BULK, startedAt);
  };
  const floor = async () => {
    const startedAt = performance.now();
    await bare(
      { ...bench },
      Array.from({ length: BULK / BATCH }, () => [bench.floorTenant, BATCH, BODY]),
      ISSUE,
    );
    await forgotten(bench.admin);
    return perSecond(BULK, startedAt);
  };
  return outcome('policy.issued from the stream, a schedule of twelve and its first invoice', 'schedules/s', {
    ...(await byTurns(ROUNDS, floor, product)),
    details: { policies: BULK, batch: BATCH },
  });
}

async function allocating(bench: Bench): Promise<Outcome> {
  const open = async (tenantId: string) => {
    const { rows } = await bench.admin.query<{ id: string; policy: string }>(
      `SELECT id, policy_locator AS policy FROM invoices WHERE tenant_id = $1 AND state = 'open' LIMIT $2`,
      [tenantId, BULK],
    );
    return rows;
  };
  const sample = sampleEvent('payment.posted').data;
  const product = async () => {
    const before = await countOf(bench.admin, 'received_payments', bench.tenantId);
    const invoices = await open(bench.tenantId);
    const amount = { amount: '25.67', amountMinor: 2_567, currency: 'USD' };
    const events = invoices.map(({ policy: policyLocator }) => {
      const { source: _source, invoiceLocator: _invoice, ...rest } = sample;
      return eventOf('payment.posted', bench.tenantId, { ...rest, locator: newId(), amount, policyLocator });
    });
    const startedAt = performance.now();
    await published(bench.payments, events);
    await untilCounted(bench.admin, 'received_payments', bench.tenantId, before + events.length);
    return perSecond(events.length, startedAt);
  };
  const floor = async () => {
    const ids = (await open(bench.floorTenant)).map(({ id }) => id);
    const batches = Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, n) => [
      ...[bench.floorTenant, ids.slice(n * BATCH, (n + 1) * BATCH), BODY],
    ]);
    const startedAt = performance.now();
    await bare(bench, batches, ALLOCATE);
    await forgotten(bench.admin);
    return perSecond(ids.length, startedAt);
  };
  return outcome('payment.posted from the stream, each allocated to an invoice of two items', 'allocations/s', {
    ...(await byTurns(ROUNDS, floor, product)),
    details: { payments: BULK, batch: BATCH },
  });
}

interface Turns {
  readonly floors: number[];
  readonly products: number[];
  readonly details: object;
}

function outcome(what: string, unit: string, { floors, products, details }: Turns): Outcome {
  return compared({
    ...{ scenario: 'j', what, unit },
    floor: round(median(floors), 0),
    product: round(median(products), 0),
    details: { ...details, floors: floors.map(Math.round), products: products.map(Math.round) },
  });
}

/** (j) Schedules a second over the API and from the stream, and allocations a second. */
export async function benchIssuing(context: BenchContext): Promise<Outcome[]> {
  const urls = await context.prepare('billing', migrations);
  const issuer = await TokenIssuer.start();
  const [tenantId, floorTenant] = [newId(), newId()];
  const scopes = ['billing:read', 'billing:write'];
  const token = await issuer.mint({ audience: 'billing', tenantId, scopes, expiresInSeconds: 3_600 });
  const service = await startBuilt({ context, issuer, name: 'billing', urls, env: { DB_POOL_MAX: '16' } });
  const admin = new pg.Client({ connectionString: context.adminUrl });
  await admin.connect();
  await admin.query('SET search_path = billing');
  const [policySystem, payments] = await Promise.all([context.connect('policy'), context.connect('payments')]);
  const bench: Bench = {
    ...{ admin, appUrl: urls.appUrl, serviceUrl: service.url, token, tenantId, floorTenant, policySystem, payments },
  };
  const outcomes = [await overHttp(bench), await inBulk(bench), await allocating(bench)];
  await Promise.all([policySystem.close(), payments.close(), admin.end()]);
  await service.process.stop();
  await issuer.stop();
  return outcomes;
}
