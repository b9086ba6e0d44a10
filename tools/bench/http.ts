import autocannon from 'autocannon';
import { newId } from '@quittance/service-kit/id';
import { TokenIssuer } from '@quittance/testing/tokens';
import { migrations } from '../../apps/payments/src/migrations/all.ts';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { rssMiB, startBuilt } from './service.ts';

const CONNECTIONS = 32;
const SECONDS = 8;
const ROUNDS = 3;

const BODY = { amount: 25.67, amountCurrency: 'USD', policyLocator: 'POL-1', policyholderLocator: 'HOLDER-1' };
const WRITE = `
  WITH p AS (
    INSERT INTO payments (tenant_id, id, version, display_id, state, amount_minor, currency, channel, policy_locator,
                          policyholder_locator, field_values, attempt_no, created_at, updated_at)
    VALUES ($1, $2, 1, $3, 'draft', 2567, 'USD', 'api', 'POL-1', 'HOLDER-1', '{}', 0, now(), now())
  ), l AS (
    INSERT INTO event_log (id, tenant_id, type, subject, sequence, body) VALUES ($4, $1, 'payment.created', $5, 1, $6)
    RETURNING seq, logged_at
  )
  INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM l`;

/**
 * The floor: the same rows under the same row-level security, BEGIN to COMMIT in one pipelined burst, no HTTP, no
 * relay.
 */
async function bareLoop(context: BenchContext, appUrl: string, tenantId: string): Promise<number> {
  const { Pool } = (await import('pg')).default;
  const pool = new Pool({ connectionString: appUrl, max: CONNECTIONS, pipeline: true });
  const body = Buffer.alloc(700, 97);
  const startedAt = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = await pool.connect();
      while (performance.now() - startedAt < SECONDS * 1_000) {
        const id = newId();
        const tenant = { name: 't', text: `SELECT set_config('app.tenant_id', $1, true)`, values: [tenantId] };
        const write = { name: 'w', text: WRITE, values: [tenantId, id, id, newId(), id, body] };
        await Promise.all([client.query('BEGIN'), client.query(tenant), client.query(write), client.query('COMMIT')]);
        done += 1;
      }
      client.release();
    }),
  );
  const rate = perSecond(done, startedAt);
  await pool.end();
  const admin = await context.open(context.adminUrl, 1, 'worker');
  await admin.tx((tx) => tx.execute('TRUNCATE payments.outbox_queue'));
  await admin.close();
  return rate;
}

/** (a) POST /payments (draft) at the service, and (f) what the service needs for it. */
export async function benchHttp(context: BenchContext): Promise<Outcome[]> {
  const urls = await context.prepare('payments', migrations);
  const issuer = await TokenIssuer.start();
  const tenantId = newId();
  const token = await issuer.mint({
    audience: 'payments',
    tenantId,
    scopes: ['payments:write'],
    expiresInSeconds: 3_600,
  });
  const latencies: { p50: number; p99: number }[] = [];
  const service = await startBuilt({ context, issuer, name: 'payments', urls, env: { DB_POOL_MAX: '16' } });
  const idleMiB = rssMiB(service.process);
  const product = async () => {
    const result = await autocannon({
      url: `${service.url}/payments`,
      method: 'POST',
      connections: CONNECTIONS,
      duration: SECONDS,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(BODY),
    });
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} errors`);
    latencies.push({ p50: result.latency.p50, p99: result.latency.p99 });
    return result['2xx'] / result.duration;
  };
  await product();
  const { floors, products } = await byTurns(ROUNDS, () => bareLoop(context, urls.appUrl, tenantId), product);
  const loadedMiB = rssMiB(service.process);
  await service.process.stop();
  await issuer.stop();
  return [
    compared({
      scenario: 'a',
      what: 'POST /payments (draft) at the service, relay running, 1 % of traces sampled',
      unit: 'requests/s',
      floor: round(median(floors), 0),
      product: round(median(products), 0),
      target: 'at least 0.4 of the floor',
      details: {
        connections: CONNECTIONS,
        floors: floors.map(Math.round),
        products: products.map(Math.round),
        p50Ms: median(latencies.map(({ p50 }) => p50)),
        p99Ms: median(latencies.map(({ p99 }) => p99)),
      },
    }),
    {
      scenario: 'f',
      what: 'payments: start to ready, from dist, tracing on',
      unit: 'ms',
      product: service.startMs,
      target: 'RSS at most 300 MiB after load',
      details: { rssIdleMiB: idleMiB, rssAfterLoadMiB: loadedMiB },
    },
  ];
}
