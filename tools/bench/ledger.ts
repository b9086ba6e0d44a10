import autocannon from 'autocannon';
import { headers } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { encode, formatSequence, headersOf } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import { newId } from '@quittance/service-kit/id';
import { TokenIssuer } from '@quittance/testing/tokens';
import pg from 'pg';
import { chart } from '../../apps/reconciliation/src/domain/chart.ts';
import { migrations } from '../../apps/reconciliation/src/migrations/all.ts';
import type { BenchContext } from './context.ts';
import { compared, percentile, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { startBuilt } from './service.ts';
import type { ServiceUnderTest } from './service.ts';

const EVENTS = Number(process.env['BENCH_LEDGER_EVENTS'] ?? 60_000);
const LINES = Number(process.env['BENCH_LEDGER_LINES'] ?? 3_000_000);
const CONNECTIONS = 64;
const SECONDS = 8;
const BATCH = 200;

/** The rows of entries alone: head and two lines, many at a time or one. */
const BARE = `
  WITH wanted AS (SELECT * FROM unnest($2::uuid[]) w (id)), booked AS (
    INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at)
    SELECT $1, id, 'bench', 'bench', id::text, '2026-01-01', now() FROM wanted RETURNING id)
  INSERT INTO journal_lines (tenant_id, entry_id, n, account, amount_minor, currency)
  SELECT $1, id, n, account, amount, 'USD' FROM booked
   CROSS JOIN (VALUES (1::smallint, '1100', 2567::bigint), (2::smallint, '2100', -2567::bigint))
              l (n, account, amount)`;
/** A year of entries of three lines each. */
const FILL = `
  WITH booked AS (
    INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at)
    SELECT $1, uuidv7(), 'bench', 'fill', 'f' || n, date '2026-01-01' + (n % 365), now()
      FROM generate_series($2::int, $3::int) n RETURNING id)
  INSERT INTO journal_lines (tenant_id, entry_id, n, account, amount_minor, currency)
  SELECT $1, id, n, account, amount, 'USD' FROM booked
   CROSS JOIN (VALUES (1::smallint, '1200', 107500::bigint), (2::smallint, '2010', -100000::bigint),
                      (3::smallint, '2300', -7500::bigint)) l (n, account, amount)`;
const CHART = `
  INSERT INTO accounts (tenant_id, code, role, type)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`;
const ALL_LINES = `
  SELECT currency, account, sum(amount_minor) FROM journal_lines WHERE tenant_id = $1 GROUP BY currency, account`;

const withChart = (db: pg.Client | pg.Pool, tenantId: string) =>
  db.query(CHART, [
    tenantId,
    chart.map(({ code }) => code),
    chart.map(({ role }) => role),
    chart.map(({ type }) => type),
  ]);

interface Bench {
  readonly context: BenchContext;
  readonly admin: pg.Client;
  readonly worker: pg.Pool;
  readonly service: ServiceUnderTest;
  readonly tenantId: string;
  readonly token: string;
}

/** (l) Entries a second from the stream and over HTTP, and a trial balance of three million lines. */
export async function benchLedger(context: BenchContext): Promise<Outcome[]> {
  const urls = await context.prepare('reconciliation', migrations);
  const [issuer, admin] = [await TokenIssuer.start(), new pg.Client({ connectionString: context.adminUrl })];
  await admin.connect();
  await admin.query('SET search_path = reconciliation');
  const tenantId = newId();
  const scopes = ['recon:read', 'recon:write'];
  const token = await issuer.mint({ audience: 'reconciliation', tenantId, scopes, expiresInSeconds: 3_600 });
  await publish(context);
  const worker = new pg.Pool({ connectionString: urls.workerUrl, max: CONNECTIONS });
  const floors = { many: await bare(worker, BATCH, 4), single: await bare(worker, 1, CONNECTIONS) };
  const env = {
    SECRETS_KEY: `dev-${Buffer.alloc(32).toString('base64')}`,
    PUBLIC_URL: 'http://127.0.0.1:1',
    DB_POOL_MAX: '16',
  };
  const before = await drawn(admin);
  const service = await startBuilt({ context, issuer, name: 'reconciliation', urls, env });
  const bench: Bench = { context, admin, worker, service, tenantId, token };
  try {
    return [
      await fromStream(bench, before, floors.many),
      await overHttp(bench, floors.single),
      await trialBalance(bench),
    ];
  } finally {
    await service.process.stop();
    await Promise.all([issuer.stop(), admin.end(), worker.end()]);
  }
}

async function publish(context: BenchContext): Promise<void> {
  const nats = await context.connect('payments');
  const js = jetstream(nats);
  const [sample, tenantid] = [sampleEvent('payment.posted'), newId()];
  let pending: Promise<unknown>[] = [];
  for (let n = 0; n < EVENTS; n += 1) {
    const [id, subject] = [newId(), newId()];
    const data = { ...sample.data, locator: subject };
    const event = { ...sample, id, tenantid, subject, data, sequence: formatSequence(1), correlationid: id };
    const carried = headers();
    for (const [key, value] of Object.entries(headersOf(event))) carried.set(key, value);
    pending.push(js.publish('payment.posted', encode(event), { headers: carried }));
    if (pending.length === 1_000) pending = (await Promise.all(pending), []);
  }
  await Promise.all(pending);
  await nats.close();
}

async function bare(pool: pg.Pool, size: number, connections: number): Promise<number> {
  const tenantId = newId();
  await withChart(pool, tenantId);
  const startedAt = performance.now();
  let done = 0;
  const loop = async () => {
    while (performance.now() - startedAt < SECONDS * 500) {
      await pool.query({
        name: `bare${size}`,
        text: BARE,
        values: [tenantId, Array.from({ length: size }, () => newId())],
      });
      done += size;
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  return perSecond(done, startedAt);
}

/** By the last number that was drawn: to count the rows would take half of a processor from what is measured. */
const drawn = async (admin: pg.Client): Promise<number> => {
  const text = 'SELECT last_value::int AS n FROM journal_entries_seq_seq';
  return (await admin.query<{ n: number }>(text)).rows[0]!.n;
};

/** From the moment when a tenth is booked, so that the start of the service is not in it. */
async function fromStream({ admin }: Bench, before: number, floor: number): Promise<Outcome> {
  let [from, startedAt, now] = [0, 0, 0];
  while (now < EVENTS) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    now = (await drawn(admin)) - before;
    if (from === 0 && now >= EVENTS / 10) [from, startedAt] = [now, performance.now()];
  }
  return compared({
    ...{ scenario: 'l', what: 'entries from the stream', unit: 'entries/s', target: 'at least 20,000' },
    ...{ floor: round(floor, 0), product: round(perSecond(EVENTS - from, startedAt), 0) },
    details: { events: EVENTS, batch: BATCH },
  });
}

async function overHttp({ service, token }: Bench, floor: number): Promise<Outcome> {
  const lines = [
    { account: '1010', debit: '25.67' },
    { account: '5140', credit: '25.67' },
  ];
  const body = JSON.stringify({ description: 'Bench', currency: 'USD', effectiveDate: '2026-01-01', lines });
  const common = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const run = () =>
    autocannon({
      ...{ url: `${service.url}/journal-entries`, connections: CONNECTIONS, duration: SECONDS },
      requests: [
        {
          method: 'POST',
          body,
          setupRequest: (request) => ({ ...request, headers: { ...common, 'idempotency-key': newId() } }),
        },
      ],
    });
  await run();
  const result = await run();
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 2xx`);
  return compared({
    ...{ scenario: 'l', what: 'POST /journal-entries', unit: 'entries/s', target: 'at least 4,000' },
    ...{ floor: round(floor, 0), product: round(result['2xx'] / result.duration, 0) },
    details: { connections: CONNECTIONS, p50Ms: result.latency.p50, p99Ms: result.latency.p99 },
  });
}

async function trialBalance({ admin, service, tenantId, token }: Bench): Promise<Outcome> {
  const entries = LINES / 3;
  await withChart(admin, tenantId);
  for (let n = 0; n < entries; n += 50_000) {
    await admin.query(FILL, [tenantId, n, Math.min(n + 50_000, entries) - 1]);
  }
  await admin.query('ANALYZE journal_entries');
  const filledAt = performance.now();
  for (let behind = 1; behind > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { rows } = await admin.query<{ n: number }>(
      'SELECT (last_value - (SELECT through_seq FROM ledger_progress))::int AS n FROM journal_entries_seq_seq',
    );
    behind = rows[0]!.n;
  }
  const rolledUpSeconds = (performance.now() - filledAt) / 1000;
  const floorAt = performance.now();
  await admin.query(ALL_LINES, [tenantId]);
  const floor = performance.now() - floorAt;
  const times: number[] = [];
  for (let n = 0; n < 200; n += 1) {
    const startedAt = performance.now();
    const answer = await fetch(`${service.url}/trial-balance`, { headers: { authorization: `Bearer ${token}` } });
    await answer.json();
    times.push(performance.now() - startedAt);
  }
  return {
    ...{ scenario: 'l', what: `trial balance of ${LINES} lines, p99`, unit: 'ms', target: 'below 50 ms' },
    ...{ floor: round(floor, 0), product: round(percentile(times, 99), 1) },
    ratio: round(percentile(times, 99) / floor, 3),
    details: {
      p50Ms: round(percentile(times, 50), 1),
      rolledUpAndSealedPerSecond: round(entries / rolledUpSeconds, 0),
    },
  };
}
