import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { createKitTables } from '@quittance/service-kit/database/kit-tables';
import { newId } from '@quittance/service-kit/id';
import { NatsLink } from '@quittance/service-kit/messaging/nats-link';
import { JetStreamStrategy } from '@quittance/service-kit/messaging/strategy';
import { TokenIssuer } from '@quittance/testing/tokens';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrations } from '../../apps/payments/src/migrations/all.ts';
import { delay } from '../processes.mjs';
import type { BenchContext } from './context.ts';
import { percentile, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { startBuilt } from './service.ts';
import type { ServiceUnderTest } from './service.ts';

const RATE = 200;
const SECONDS = 10;
const WARM_UP_SECONDS = 3;
const BODY = JSON.stringify({ amount: 25.67, amountCurrency: 'USD', policyLocator: 'POL-1' });

class CreateInbox1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of createKitTables('billing')) await runner.query(sql);
  }

  async down(): Promise<void> {}
}

/** A consumer on its own durable, with lease, inbox and all; it notes when the handler got each event. */
async function startConsumer(context: BenchContext, workerUrl: string) {
  const db = await context.open(workerUrl, 4, 'worker');
  const link = new NatsLink({ service: 'billing', url: context.natsUrls.billing });
  const strategy = new JetStreamStrategy({ service: 'billing', instanceId: 'bench', streams: ['PAYMENTS'], db, link });
  const handledAt = new Map<string, number>();
  const handler = (events: QuittanceEvent[]) => {
    const now = performance.timeOrigin + performance.now();
    for (const { id } of events) handledAt.set(id, now);
    return Promise.resolve();
  };
  strategy.addHandler('payment.created', handler as never, true, { group: Symbol('bench'), afterDeadLetter: 'hold' });
  strategy.listen(() => undefined);
  const stop = async () => {
    await strategy.close();
    await link.drain();
    await db.close();
  };
  return { handledAt, stop };
}

/** Requests at an even rate, from a thread of their own: the consumer has this one to itself, as in production. */
async function load(url: string, token: string, seconds: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const workerData = { url: `${url}/payments`, headers, body: BODY, rate: RATE, seconds };
  const worker = new Worker(new URL('./even-load.mjs', import.meta.url), { workerData, execArgv: [] });
  const [{ refused }] = (await once(worker, 'message')) as [{ refused: number }];
  if (refused > 0) throw new Error(`${refused} answers were not 2xx`);
}

/** Milliseconds from the commit, by Postgres's own clock on this machine, to the handler. */
async function latencies(adminUrl: string, handledAt: Map<string, number>): Promise<number[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string; committed: string }>(
    `SELECT id::text, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS committed FROM payments.event_log
      ORDER BY seq DESC LIMIT ${RATE * SECONDS}`,
  );
  await client.end();
  return rows.flatMap(({ id, committed }) => {
    const at = handledAt.get(id);
    return at === undefined ? [] : [at - Number(committed)];
  });
}

/** (d) commit to consumer at 200 a second: writer and relay in one process, and in two. */
export async function benchLatency(context: BenchContext): Promise<Outcome[]> {
  const payments = await context.prepare('payments', migrations);
  const billing = await context.prepare('billing', [CreateInbox1790000000000]);
  const issuer = await TokenIssuer.start();
  const token = await issuer.mint({
    audience: 'payments',
    tenantId: newId(),
    scopes: ['payments:write'],
    expiresInSeconds: 3_600,
  });
  const consumer = await startConsumer(context, billing.workerUrl);
  const outcomes: Outcome[] = [];
  for (const [how, roles] of [
    ['ROLE=all', ['all']],
    ['ROLE=api and ROLE=worker apart', ['api', 'worker']],
  ] as const) {
    const running: ServiceUnderTest[] = [];
    for (const role of roles) {
      running.push(await startBuilt({ context, issuer, name: 'payments', urls: payments, env: { ROLE: role } }));
    }
    await load(running[0]!.url, token, WARM_UP_SECONDS);
    await load(running[0]!.url, token, SECONDS);
    await delay(1_000);
    const measured = await latencies(context.adminUrl, consumer.handledAt);
    outcomes.push({
      scenario: 'd',
      what: `commit to consumer at ${RATE}/s, ${how}`,
      unit: 'ms (p50)',
      product: round(percentile(measured, 50)),
      target: 'p50 at most 5 ms',
      details: {
        events: measured.length,
        p50Ms: round(percentile(measured, 50)),
        p99Ms: round(percentile(measured, 99)),
      },
    });
    for (const { process } of running) await process.stop();
  }
  await consumer.stop();
  await issuer.stop();
  return outcomes;
}
