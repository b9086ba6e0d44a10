import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TokenIssuer } from '@quittance/testing/tokens';
import pg from 'pg';
import type { BenchContext } from './context.ts';
import { compared, percentile, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { startBuilt } from './service.ts';

const CALLS = 400;
const WARM_UP = 60;
const TABLES = [
  ...['policies', 'charges', 'schedules', 'instalments', 'instalment_lines', 'invoices', 'invoice_items'],
];

/** One of the book, with what is asked about it. */
interface Sample {
  policy: string;
  holder: string;
  schedule: string;
  invoice: string;
  /** Of nearly a year, issued for this. */
  statement: string;
}
const SAMPLES = `
  SELECT s.policy_locator AS policy, p.policyholder_locator AS holder, s.id AS schedule, v.id AS invoice
    FROM (SELECT * FROM schedules s WHERE s.tenant_id = $1 AND abs(hashtext(s.id::text)) % 97 = 0 LIMIT 500) s
    JOIN policies p ON p.tenant_id = s.tenant_id AND p.locator = s.policy_locator
   CROSS JOIN LATERAL (
    SELECT id FROM invoices v WHERE v.tenant_id = s.tenant_id AND v.policy_locator = s.policy_locator LIMIT 1) v`;

interface Case {
  readonly what: string;
  readonly path: (sample: Sample) => string;
  /** What the answer is made of, by bare SQL; $1 tenant, $2 the key. */
  readonly bare: readonly string[];
  readonly key: (sample: Sample) => string;
}

const cases: readonly Case[] = [
  {
    what: 'GET /schedules?policyLocator',
    path: ({ policy }) => `/schedules?policyLocator=${policy}`,
    bare: ['SELECT * FROM schedules WHERE tenant_id = $1 AND policy_locator = $2 ORDER BY id DESC LIMIT 51'],
    key: ({ policy }) => policy,
  },
  {
    what: 'GET /schedules/{id}',
    path: ({ schedule }) => `/schedules/${schedule}`,
    bare: [
      'SELECT * FROM schedules WHERE tenant_id = $1 AND id = $2',
      `SELECT * FROM instalments WHERE tenant_id = $1 AND schedule_id = $2 AND state <> 'superseded' ORDER BY number`,
      `SELECT l.*, c.category, c.code FROM instalments i JOIN instalment_lines l ON l.tenant_id = i.tenant_id
          AND l.instalment_id = i.id JOIN charges c ON c.tenant_id = l.tenant_id AND c.id = l.charge_id
        WHERE i.tenant_id = $1 AND i.schedule_id = $2 AND i.state <> 'superseded'`,
    ],
    key: ({ schedule }) => schedule,
  },
  {
    what: 'GET /invoices?policyLocator&state',
    path: ({ policy }) => `/invoices?policyLocator=${policy}&state=open`,
    bare: [
      `SELECT * FROM invoices WHERE tenant_id = $1 AND policy_locator = $2 AND state = 'open'
        ORDER BY id DESC LIMIT 51`,
      `SELECT t.* FROM invoices v JOIN invoice_items t ON t.tenant_id = v.tenant_id AND t.invoice_id = v.id
        WHERE v.tenant_id = $1 AND v.policy_locator = $2 AND v.state = 'open'`,
    ],
    key: ({ policy }) => policy,
  },
  {
    what: 'GET /invoices/{locator}',
    path: ({ invoice }) => `/invoices/${invoice}`,
    bare: [
      'SELECT * FROM invoices WHERE tenant_id = $1 AND id = $2',
      'SELECT * FROM invoice_items WHERE tenant_id = $1 AND invoice_id = $2 ORDER BY item_no',
    ],
    key: ({ invoice }) => invoice,
  },
  {
    what: 'GET /statements?policyholderLocator',
    path: ({ holder }) => `/statements?policyholderLocator=${holder}`,
    bare: [
      `SELECT s.*, l.* FROM statements s JOIN statement_lines l ON l.tenant_id = s.tenant_id AND l.statement_id = s.id
        WHERE s.tenant_id = $1 AND s.policyholder_locator = $2 ORDER BY s.id DESC`,
    ],
    key: ({ holder }) => holder,
  },
  {
    what: 'GET /statements/{locator}',
    path: ({ statement }) => `/statements/${statement}`,
    bare: [
      'SELECT * FROM statements WHERE tenant_id = $1 AND id = $2',
      'SELECT * FROM statement_lines WHERE tenant_id = $1 AND statement_id = $2',
    ],
    key: ({ statement }) => statement,
  },
];

/** Each policyholder's, by the API. */
async function state(url: string, headers: Record<string, string>, holder: string): Promise<string> {
  const dayOf = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const body = JSON.stringify({ policyholderLocator: holder, periodStart: dayOf(364), periodEnd: dayOf(1) });
  const sent = { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const answer = await fetch(`${url}/statements`, { method: 'POST', headers: sent, body });
  const told = (await answer.json()) as { locator?: string };
  if (!told.locator) throw new Error(`POST /statements: ${answer.status} ${JSON.stringify(told)}`);
  return told.locator;
}

async function timed(samples: readonly Sample[], call: (sample: Sample) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < WARM_UP + CALLS; n++) {
    const startedAt = performance.now();
    await call(samples[n % samples.length]!);
    if (n >= WARM_UP) took.push(performance.now() - startedAt);
  }
  return took;
}

/** How often each table was read through since its counters began, as Postgres itself counts. */
async function sequentialScans(admin: pg.Client): Promise<number> {
  // A session tells its counts a second late at most.
  await delay(1_500);
  const { rows } = await admin.query<{ scans: number }>(
    `SELECT sum(seq_scan)::int AS scans FROM pg_stat_user_tables WHERE schemaname = 'billing' AND relname = ANY ($1)`,
    [TABLES],
  );
  return rows[0]!.scans;
}

/** Reads of one tenant out of a loaded book, as the built service answers them. */
export async function benchReads(
  context: BenchContext,
  { appUrl, workerUrl, tenantId, stored }: { appUrl: string; workerUrl: string; tenantId: string; stored: number },
): Promise<Outcome[]> {
  const issuer = await TokenIssuer.start();
  const token = await issuer.mint({
    audience: 'billing',
    tenantId,
    scopes: ['billing:read', 'billing:write'],
    expiresInSeconds: 3_600,
  });
  const headers = { authorization: `Bearer ${token}` };
  const urls = { appUrl, workerUrl };
  const service = await startBuilt({ context, issuer, name: 'billing', urls, env: { ROLE: 'api' } });
  const [client, admin] = [appUrl, context.adminUrl].map((connectionString) => new pg.Client({ connectionString }));
  await Promise.all([client!.connect(), admin!.connect()]);
  await admin!.query('SET search_path = billing');
  const { rows } = await admin!.query<Omit<Sample, 'statement'>>(SAMPLES, [tenantId]);
  const samples: Sample[] = [];
  for (const row of rows) samples.push({ ...row, statement: await state(service.url, headers, row.holder) });
  await admin!.query('ANALYZE');
  const outcomes: Outcome[] = [];
  for (const { what, path, bare, key } of cases) {
    const floors = await timed(samples, async (sample) => {
      await client!.query('BEGIN');
      await client!.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
      for (const text of bare) await client!.query({ name: text.slice(0, 60), text, values: [tenantId, key(sample)] });
      await client!.query('COMMIT');
    });
    const before = await sequentialScans(admin!);
    const products = await timed(samples, async (sample) => {
      const answer = await fetch(`${service.url}${path(sample)}`, { headers });
      if (answer.status !== 200) throw new Error(`${path(sample)}: ${answer.status}`);
      await answer.arrayBuffer();
    });
    const scans = (await sequentialScans(admin!)) - before;
    if (scans > 0) throw new Error(`${what} read a whole table ${scans} times`);
    outcomes.push(
      compared({
        ...{ scenario: 'i', what: `${what} out of ${stored} instalments`, unit: 'ms (p99)' },
        floor: round(percentile(floors, 99)),
        product: round(percentile(products, 99)),
        target: 'p99 under 20 ms, no sequential scan',
        details: {
          p50Ms: round(percentile(products, 50)),
          bareP50Ms: round(percentile(floors, 50)),
          calls: CALLS,
          scans,
        },
      }),
    );
  }
  await Promise.all([client!.end(), admin!.end(), service.process.stop(), issuer.stop()]);
  return outcomes;
}
