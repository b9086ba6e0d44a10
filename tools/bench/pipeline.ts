import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PatientClient } from '../faults/client.ts';
import { freePortBlock } from '../faults/ports.ts';
import { delay } from '../processes.mjs';
import { services } from '../services.mjs';
import { portsFrom, Stack } from '../stack.mjs';
import { percentile, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { rssMiB } from './service.ts';

const POLICIES = 4_000;
const STEADY = 600;
const STEADY_RATE = 20;
const WRITERS = 8;

/** When each policy's `payment.posted` reached the partner, by the policy's locator; epoch milliseconds. */
async function startPartner() {
  const arrivedAt = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { policyLocator: string } };
      if (!arrivedAt.has(data.policyLocator)) arrivedAt.set(data.policyLocator, Date.now());
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, arrivedAt, close: () => server.close() };
}

const policy = (n: number, effectiveDate: string, paymentMethodId: string) => ({
  policyNumber: `BENCH-${effectiveDate}-${n}`,
  policyholderLocator: `holder-${n}`,
  currency: 'USD',
  timeZone: 'UTC',
  effectiveDate,
  expirationDate: `${Number(effectiveDate.slice(0, 4)) + 1}${effectiveDate.slice(4)}`,
  plan: '1year-monthly',
  collection: 'automatic',
  paymentMethodId,
  charges: [
    { category: 'premium', amount: '280.00' },
    { category: 'tax', amount: '28.00' },
  ],
});

interface Issuing {
  client: PatientClient;
  methodId: string;
  effectiveDate: string;
  from: number;
  count: number;
  /** Policies a second; undefined is as fast as it goes. */
  rate?: number;
}

/** @returns when each policy was answered with 201 */
async function issue({ client, methodId, effectiveDate, from, count, rate }: Issuing): Promise<Map<string, number>> {
  const answeredAt = new Map<string, number>();
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (next < count) {
        const n = next++;
        if (rate) await delay(Math.max(0, startedAt + (n * 1_000) / rate - performance.now()));
        const { status, body } = await client.post('/policies', policy(from + n, effectiveDate, methodId));
        if (status !== 201) throw new Error(`POST /policies: ${status} ${JSON.stringify(body)}`);
        answeredAt.set(String(body['locator']), Date.now());
      }
    }),
  );
  return answeredAt;
}

/** A day with this much in it outlasts the gateway's patience, and the client's second try finds the clock walking. */
async function advance(client: PatientClient, to: string): Promise<void> {
  const { status, body } = await client.post('/test-clocks/advance', { to });
  if (status === 409 && body['code'] === 'test_clock_running') return;
  if (status !== 200) throw new Error(`POST /test-clocks/advance: ${status} ${JSON.stringify(body)}`);
}

async function untilArrived(arrivedAt: Map<string, number>, wanted: Iterable<string>): Promise<void> {
  const locators = [...wanted];
  for (const deadline = Date.now() + 180_000; !locators.every((locator) => arrivedAt.has(locator));) {
    if (Date.now() > deadline) throw new Error('not every payment was told to the partner within 180 s');
    await delay(20);
  }
}

/**
 * (e) From an instalment that falls due to the webhook in the partner's hands, through billing, payments, the sandbox
 * provider, the ledger and webhooks; (f) what each service needs for it. All on this machine, partner and database too.
 */
export async function benchPipeline(dir: string): Promise<Outcome[]> {
  const partner = await startPartner();
  const tracing = {
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  };
  const env = Object.fromEntries(services.map(({ name }) => [name, { ...tracing, LOG_LEVEL: 'warn' }]));
  const stack = new Stack({ dataDir: dir, ports: portsFrom(await freePortBlock()), built: true, env });
  try {
    const startedAt = performance.now();
    await stack.start();
    const startMs = Math.round(performance.now() - startedAt);
    const client = new PatientClient(stack.info.gatewayUrl, stack.info.tenants[0]!);
    const method = await client.post('/payment-methods', { token: 'tok_visa', policyholderLocator: 'bench' });
    const methodId = String(method.body['id']);
    await client.post('/webhook-endpoints', { url: partner.url, eventTypes: ['payment.posted'] });

    const today = new Date().toISOString().slice(0, 10);
    const steady = await issue({ client, methodId, effectiveDate: today, from: 0, count: STEADY, rate: STEADY_RATE });
    await untilArrived(partner.arrivedAt, steady.keys());
    const latencies = [...steady].map(([locator, at]) => Math.max(0, partner.arrivedAt.get(locator)! - at));

    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await advance(client, today);
    const waiting = await issue({ client, methodId, effectiveDate: tomorrow, from: STEADY, count: POLICIES });
    const dueAt = Date.now();
    await advance(client, tomorrow);
    await untilArrived(partner.arrivedAt, waiting.keys());
    const last = Math.max(...[...waiting.keys()].map((locator) => partner.arrivedAt.get(locator)!));
    const seconds = (last - dueAt) / 1_000;

    const memory = Object.fromEntries(services.map(({ name }) => [name, rssMiB(stack.processes.get(name))]));
    return [
      {
        scenario: 'e',
        what: 'instalment due to webhook received: all due at once',
        unit: 'instalments/s',
        product: round(POLICIES / seconds, 0),
        details: { instalments: POLICIES, seconds: round(seconds, 1) },
      },
      {
        scenario: 'e',
        what: `policy issued to webhook received, at ${STEADY_RATE}/s`,
        unit: 'ms (p50)',
        product: percentile(latencies, 50),
        details: { policies: STEADY, p50Ms: percentile(latencies, 50), p99Ms: percentile(latencies, 99) },
      },
      {
        scenario: 'f',
        what: 'the largest service after the pipeline, from dist, 1 % of traces sampled',
        unit: 'MiB RSS',
        product: Math.max(...Object.values(memory)),
        target: 'at most 300 MiB',
        details: { rssMiB: memory, stackStartMs: startMs },
      },
    ];
  } finally {
    await stack.stop();
    partner.close();
  }
}
