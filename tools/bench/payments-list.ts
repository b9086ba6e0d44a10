import pg from 'pg';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { TokenIssuer } from '@quittance/testing/tokens';
import { migrations } from '../../apps/payments/src/migrations/all.ts';
import type { PaymentFilter } from '../../apps/payments/src/payments/payment-request.ts';
import { PaymentRepository } from '../../apps/payments/src/payments/payment.repository.ts';
import type { BenchContext } from './context.ts';
import { compared, percentile, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { startBuilt } from './service.ts';

const ROWS = 1_000_000;
/** The tenant that is asked has most of the rows, and the others lie between them. */
const OWN_SHARE = 0.6;
const PAGE = 50;
const CALLS = 300;
const WARM_UP = 50;
const DAY_MS = 86_400_000;

/** A year of payments in the order of their making: their ids begin with it, as ours do. */
const LOAD = `
  WITH made AS (
    SELECT n, to_timestamp(($3::bigint + n::bigint * 31536000000 / $1) / 1000.0) AS at,
           ($3::bigint + n::bigint * 31536000000 / $1) AS ms,
           CASE WHEN abs(hashint4(n) % 10) < $4 THEN $2::uuid ELSE ($5::uuid[])[n % 4 + 1] END AS tenant_id
      FROM generate_series(0, $1 - 1) n
  ), stated AS (
    SELECT *,
           (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid
             AS id,
           CASE WHEN n IN (10, 20, 30) THEN 'processing' WHEN n % 100 = 0 THEN 'draft' WHEN n % 100 < 6 THEN 'declined'
                WHEN n % 1000 = 7 THEN 'reversed' WHEN n % 500 = 11 THEN 'returned' ELSE 'posted' END AS state
      FROM made
  )
  INSERT INTO payments (tenant_id, id, version, display_id, state, amount_minor, currency, method, channel,
    policy_locator, policyholder_locator, invoice_locator, statement_locator, merchant_id, location_id, field_values,
    attempt_no, failure, created_at, updated_at, posted_at, effective_on, reversed_at, returned_at)
  SELECT tenant_id, id, 2, 'P-' || n, state, 2567, 'USD', 'card', 'autopay',
    CASE WHEN n < 40 THEN 'rare' ELSE 'policy ' || n % 50000 END,
    CASE WHEN n % 5 = 0 THEN 'group' ELSE 'holder ' || n % 40000 END,
    'invoice ' || n % 400000, 'statement ' || n % 100000, CASE WHEN n < 40 THEN 'rare' ELSE 'most' END,
    CASE WHEN n < 40 THEN 'rare' ELSE 'most' END, '{}', 1, CASE WHEN state = 'declined' THEN '{}'::jsonb END, at, at,
    CASE WHEN state IN ('posted', 'returned', 'reversed') THEN at + make_interval(hours => n % 72) END,
    CASE WHEN state IN ('posted', 'returned', 'reversed') THEN at::date END,
    CASE WHEN state = 'reversed' THEN at END, CASE WHEN state = 'returned' THEN at END
    FROM stated`;

interface Case {
  name: string;
  query: Record<string, string>;
  filter: PaymentFilter;
}

/** Each filter alone, where few match and where many do; the few are the oldest, where a walk comes to them last. */
function cases(from: number): Case[] {
  const word = (name: 'policyLocator' | 'policyholderLocator' | 'merchantId' | 'locationId', value: string): Case => ({
    ...{ name: `${name}=${value}`, query: { [name]: value }, filter: { [name]: value } },
  });
  const state = (value: NonNullable<PaymentFilter['state']>): Case => ({
    ...{ name: `state=${value}`, query: { state: value }, filter: { state: value } },
  });
  const before = (name: string, ms: number): Case => ({
    name: `createdBeforeTimestamp, ${name}`,
    ...{ query: { createdBeforeTimestamp: String(ms) }, filter: { createdBefore: new Date(ms) } },
  });
  const after = (name: string, ms: number): Case => ({
    name: `postedAfterTimestamp, ${name}`,
    ...{ query: { postedAfterTimestamp: String(ms) }, filter: { postedAfter: new Date(ms) } },
  });
  const end = from + 365 * DAY_MS;
  return [
    { name: 'no filter', query: {}, filter: {} },
    ...[state('posted'), state('draft'), state('ready'), state('returned'), state('discarded')],
    ...[word('policyLocator', 'policy 77'), word('policyLocator', 'rare'), word('policyholderLocator', 'group')],
    { name: 'invoiceLocator', query: { invoiceLocator: 'invoice 77' }, filter: { invoiceLocator: 'invoice 77' } },
    {
      name: 'statementLocator',
      query: { statementLocator: 'statement 77' },
      filter: { statementLocator: 'statement 77' },
    },
    ...[word('merchantId', 'most'), word('merchantId', 'rare'), word('locationId', 'most'), word('locationId', 'rare')],
    ...[before('few', from + 60_000), before('many', end - DAY_MS)],
    ...[after('few', end + 69.9 * 3_600_000), after('many', from + DAY_MS)],
  ];
}

/** The statement of a page as the service sends it. */
async function statementOf(tenantId: string, filter: PaymentFilter): Promise<{ text: string; values: unknown[] }> {
  let sent: { text: string; values: unknown[] } | undefined;
  const query = (text: string, values: unknown[]) => {
    sent = { text, values };
    return Promise.resolve([]);
  };
  await new PaymentRepository().page({ query } as unknown as Tx, { tenantId, filter, beforeId: null, limit: PAGE + 1 });
  return sent!;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}

/** How Postgres reads the payments: with these values, and planned for any. */
async function scansOf(client: pg.Client, { text, values }: { text: string; values: unknown[] }): Promise<string[]> {
  type Explained = { 'QUERY PLAN': { Plan: PlanNode }[] };
  const custom = await client.query<Explained>(`EXPLAIN (FORMAT JSON) ${text}`, values);
  const generic = await client.query<Explained>(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`);
  return [...new Set([custom, generic].flatMap(({ rows }) => nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan)))];
}

function nodesOf(node: PlanNode): string[] {
  return [node['Node Type'], ...(node.Plans ?? []).flatMap(nodesOf)];
}

async function timed(calls: number, call: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < WARM_UP + calls; n++) {
    const startedAt = performance.now();
    await call();
    if (n >= WARM_UP) took.push(performance.now() - startedAt);
  }
  return took;
}

/** How many requests for lists the service has answered so far, and how many of them within 10 ms, by its own clock. */
async function answered(healthUrl: string): Promise<{ all: number; inTime: number }> {
  const text = await (await fetch(`${healthUrl}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => /^http_request_seconds_/.test(line) && /route="\/payments"/.test(line));
  const sum = (pattern: RegExp) =>
    lines.filter((line) => pattern.test(line)).reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  return { all: sum(/^http_request_seconds_count/), inTime: sum(/_bucket\{.*le="0\.01"/) };
}

async function load(adminUrl: string, tenantId: string, from: number): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query('SET search_path = payments');
  const others = [1, 2, 3, 4].map(newId);
  await client.query(LOAD, [ROWS, tenantId, from, OWN_SHARE * 10, others]);
  await client.query('VACUUM (ANALYZE) payments');
  await client.end();
}

/** (g) A page of GET /payments out of 1,000,000, by each filter, beside the bare query. */
export async function benchPaymentsList(context: BenchContext): Promise<Outcome[]> {
  const urls = await context.prepare('payments', migrations);
  const tenantId = newId();
  const from = Date.now() - 400 * DAY_MS;
  await load(context.adminUrl, tenantId, from);
  const issuer = await TokenIssuer.start();
  const token = await issuer.mint({
    ...{ audience: 'payments', tenantId, scopes: ['payments:read'], expiresInSeconds: 3_600 },
  });
  const headers = { authorization: `Bearer ${token}` };
  const service = await startBuilt({ context, issuer, name: 'payments', urls, env: { ROLE: 'api' } });
  const client = new pg.Client({ connectionString: urls.appUrl, pipeline: true });
  await client.connect();
  const outcomes: Outcome[] = [];
  // The first case would pay for compiling all.
  await timed(500, () => fetch(`${service.url}/payments`, { headers }).then((answer) => answer.text()));
  for (const { name, query, filter } of cases(from)) {
    const statement = await statementOf(tenantId, filter);
    const bare = () =>
      Promise.all([
        client.query('BEGIN'),
        client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]),
        client.query({ name, ...statement }),
        client.query('COMMIT'),
      ]);
    let found = 0;
    const page = async () => {
      const answer = await fetch(`${service.url}/payments?${new URLSearchParams(query).toString()}`, { headers });
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`);
      found = ((await answer.json()) as { payments: unknown[] }).payments.length;
    };
    const floors = await timed(CALLS, bare);
    const before = await answered(service.healthUrl);
    const products = await timed(CALLS, page);
    const after = await answered(service.healthUrl);
    const withinTenMs = round((after.inTime - before.inTime) / (after.all - before.all), 4);
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenantId]);
    const scans = await scansOf(client, statement);
    if (scans.includes('Seq Scan')) throw new Error(`${name} reads the whole table: ${scans.join(', ')}`);
    outcomes.push(
      compared({
        ...{ scenario: 'g', what: `GET /payments, a page of ${PAGE} out of ${ROWS}, ${name}`, unit: 'ms (p50)' },
        floor: round(percentile(floors, 50)),
        product: round(percentile(products, 50)),
        target: 'at least 0.99 within 10 ms by its own clock, no sequential scan',
        details: {
          found,
          withinTenMs,
          p99Ms: round(percentile(products, 99)),
          bareP99Ms: round(percentile(floors, 99)),
          scans,
        },
      }),
    );
  }
  await client.end();
  await service.process.stop();
  await issuer.stop();
  return outcomes;
}
