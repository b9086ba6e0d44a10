import path from 'node:path';
import autocannon from 'autocannon';
import pg from 'pg';
import { Pool } from 'undici';
import { newId } from '@quittance/service-kit/id';
import { TokenIssuer } from '@quittance/testing/tokens';
import { migrations } from '../../apps/payments/src/migrations/all.ts';
import { freePorts } from '../ports.mjs';
import { launch, root, untilReady } from '../processes.mjs';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { startBuilt } from './service.ts';

const CONNECTIONS = 16;
const SECONDS = 6;
const ROUNDS = 3;

const LOGGED = `
  INSERT INTO event_log (id, tenant_id, type, subject, sequence, body)
  SELECT unnest($%::uuid[]), $1, 'payment.posted', $2::uuid::text, 1, $#::bytea RETURNING seq, logged_at`;
const events = (ids: number, body: number) => LOGGED.replace('$%', `$${ids}`).replace('$#', `$${body}`);
const BEGIN_CHARGE = `
  WITH p AS (
    INSERT INTO payments (tenant_id, id, version, display_id, state, amount_minor, currency, channel, field_values,
      attempt_no, created_at, updated_at, payment_method_id)
    VALUES ($1, $2::uuid, 2, $2::uuid::text, 'processing', 2567, 'USD', 'api', '{}', 1, now(), now(), $3)
  ), a AS (
    INSERT INTO payment_attempts (tenant_id, payment_id, n, state, provider, token, amount_minor, currency, checks,
      created_at, submitted_at, next_check_at)
    VALUES ($1, $2::uuid, 1, 'submitted', 'sandbox', 'tok_visa', 2567, 'USD', 0,
      now(), now(), now() + interval '1 minute')
  ), l AS (${events(4, 5)})
  INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM l`;
const END_CHARGE = `
  WITH p AS (
    UPDATE payments SET state = 'posted', version = 3, provider = 'sandbox', provider_ref = $3, posted_at = now(),
      effective_on = now() WHERE tenant_id = $1 AND id = $2::uuid
  ), a AS (
    UPDATE payment_attempts SET state = 'succeeded', provider_ref = $3, finished_at = now(), next_check_at = NULL,
      confirmed_minor = 2567, confirmed_currency = 'USD' WHERE tenant_id = $1 AND payment_id = $2::uuid
  ), r AS (
    INSERT INTO receipts (tenant_id, id, number, payment_id, amount_minor, currency, paid_on, issued_at)
    VALUES ($1, $2::uuid, $2::uuid::text, $2::uuid, 2567, 'USD', now(), now())
  ), l AS (${events(4, 5)})
  INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM l`;

interface Floor {
  appUrl: string;
  sandboxUrl: string;
  tenantId: string;
  methodId: string;
}

/** The same rows in the same two transactions, each one burst, and the provider's one call between them. */
async function bareLoop({ appUrl, sandboxUrl, tenantId, methodId }: Floor): Promise<number> {
  const pool = new pg.Pool({ connectionString: appUrl, max: CONNECTIONS, pipeline: true });
  const sandbox = new Pool(sandboxUrl, { connections: CONNECTIONS });
  const body = Buffer.alloc(700, 97);
  const startedAt = performance.now();
  let done = 0;
  const charge = async (id: string): Promise<string> => {
    const asked = { key: `${id}_1`, token: 'tok_visa', amountMinor: 2567, currency: 'USD', subject: id, capture: true };
    const headers = { 'content-type': 'application/json' };
    const answer = await sandbox.request({ method: 'POST', path: '/charges', headers, body: JSON.stringify(asked) });
    return ((await answer.body.json()) as { ref: string }).ref;
  };
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = await pool.connect();
      const commit = (name: string, text: string, values: unknown[]) =>
        Promise.all([
          client.query('BEGIN'),
          client.query({ name: 't', text: `SELECT set_config('app.tenant_id', $1, true)`, values: [tenantId] }),
          client.query({ name, text, values }),
          client.query('COMMIT'),
        ]);
      while (performance.now() - startedAt < SECONDS * 1_000) {
        const id = newId();
        await commit('begin', BEGIN_CHARGE, [tenantId, id, methodId, [newId(), newId()], body]);
        await commit('end', END_CHARGE, [tenantId, id, await charge(id), [newId(), newId()], body]);
        done += 1;
      }
      client.release();
    }),
  );
  const rate = perSecond(done, startedAt);
  await Promise.all([pool.end(), sandbox.close()]);
  return rate;
}

async function startSandbox({ dir }: BenchContext) {
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const sandbox = launch({
    ...{ name: 'sandbox', command: process.execPath, args: ['dist/sandbox/main.js'] },
    ...{ cwd: path.join(root, 'apps/payments'), logFile: path.join(dir, 'sandbox.log') },
    env: { PATH: process.env['PATH'], PORT: String(port), SANDBOX_STORE: path.join(dir, 'sandbox.sqlite') },
  });
  const isUp = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await untilReady(sandbox, isUp, 10_000);
  return { process: sandbox, url };
}

/** (h) POST /payments with capture: a stored method charged at the sandbox, within the request. */
export async function benchPaymentsCharge(context: BenchContext): Promise<Outcome> {
  const urls = await context.prepare('payments', migrations);
  const [issuer, sandbox] = await Promise.all([TokenIssuer.start(), startSandbox(context)]);
  const tenantId = newId();
  const scopes = ['payments:read', 'payments:write'];
  const token = await issuer.mint({ audience: 'payments', tenantId, scopes, expiresInSeconds: 3_600 });
  const env = { DB_POOL_MAX: '16', PROVIDER_SANDBOX_URL: sandbox.url };
  const service = await startBuilt({ context, issuer, name: 'payments', urls, env });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const stored = await fetch(`${service.url}/payment-methods`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ token: 'tok_visa', policyholderLocator: 'HOLDER-1' }) },
  });
  const { id: methodId } = (await stored.json()) as { id: string };
  const latencies: { p50: number; p99: number }[] = [];
  const product = async () => {
    const result = await autocannon({
      ...{ url: `${service.url}/payments`, method: 'POST', connections: CONNECTIONS, duration: SECONDS, headers },
      body: JSON.stringify({ amount: 25.67, paymentMethodId: methodId, capture: true }),
    });
    if (result.non2xx > 0 || result.errors > 0) {
      throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} errors`);
    }
    latencies.push({ p50: result.latency.p50, p99: result.latency.p99 });
    return result['2xx'] / result.duration;
  };
  await product();
  const admin = await context.open(context.adminUrl, 1, 'worker');
  // What autovacuum does within a minute: until then plans are those of empty tables.
  await admin.tx((tx) => tx.execute('ANALYZE'));
  const floor = { appUrl: urls.appUrl, sandboxUrl: sandbox.url, tenantId, methodId };
  const bare = async () => {
    const rate = await bareLoop(floor);
    // Else the service would publish the floor's events while it is measured.
    await admin.tx((tx) => tx.execute('TRUNCATE payments.outbox_queue'));
    return rate;
  };
  const { floors, products } = await byTurns(ROUNDS, bare, product);
  await admin.close();
  await service.process.stop();
  await Promise.all([sandbox.process.stop(), issuer.stop()]);
  return compared({
    ...{ scenario: 'h', what: 'POST /payments with capture through the sandbox', unit: 'payments/s' },
    floor: round(median(floors), 0),
    product: round(median(products), 0),
    details: {
      ...{ connections: CONNECTIONS, floors: floors.map(Math.round), products: products.map(Math.round) },
      p50Ms: median(latencies.map(({ p50 }) => p50)),
      p99Ms: median(latencies.map(({ p99 }) => p99)),
    },
  });
}
