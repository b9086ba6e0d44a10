// A large book of business, straight into the tables: for benchmarks, and for tests of many rows.
import pg from 'pg';

/** As it stands after a year: policies issued day by day, each paid in twelve months, and nobody has paid. */
export interface Book {
  readonly instalments: number;
  /** Whose policies: they go round. */
  readonly tenantIds: readonly string[];
  /** The last days whose instalments are billed and not announced. */
  readonly dueDays: number;
}

const PER_POLICY = 12;
const tables = [
  ...['policyholders', 'policies', 'policy_terms', 'policy_transactions', 'charges', 'schedules', 'instalments'],
  ...['announcement_queue', 'instalment_lines', 'invoices', 'invoice_items'],
];

const policies = `
  INSERT INTO policies (tenant_id, locator, policy_number, policyholder_locator, currency, time_zone, billing_method,
    effective_date, expiration_date, plan, collection, payment_method_id, content_hash, created_at)
  SELECT ($2::uuid[])[n % cardinality($2::uuid[]) + 1], uuidv7(), 'P-' || n, 'PH-' || n, 'USD', 'UTC', 'direct',
         day, day + 365, '1year-monthly', 'automatic', 'pm-' || n, sha256('x'), day::timestamp AT TIME ZONE 'UTC'
    FROM (SELECT n, current_date - 364 + (n::bigint * 365 / $1::int)::int AS day
            FROM generate_series(0, $1::int - 1) AS n) p`;
const holders = `
  INSERT INTO policyholders (tenant_id, locator)
  SELECT tenant_id, policyholder_locator FROM policies WHERE tenant_id = ANY ($1::uuid[])`;
const terms = `
  INSERT INTO policy_terms (tenant_id, policy_locator, number, effective_date, expiration_date, plan, plan_version,
    state)
  SELECT tenant_id, locator, 1, effective_date, expiration_date, plan, 1, 'in_force'
    FROM policies WHERE tenant_id = ANY ($1::uuid[])`;
const transactions = `
  INSERT INTO policy_transactions (tenant_id, id, policy_locator, number, type, state, effective_date, version,
    created_at)
  SELECT tenant_id, uuidv7(), locator, 1, 'issue', 'applied', effective_date, 1, created_at
    FROM policies WHERE tenant_id = ANY ($1::uuid[])`;
const charges = `
  INSERT INTO charges (tenant_id, id, policy_locator, transaction_id, coverage_start, coverage_end, position, category,
    code, amount_minor, currency, handling)
  SELECT tenant_id, uuidv7(), policy_locator, t.id, effective_date, effective_date + 365, c.*, 'USD', 'proratable'
    FROM policy_transactions t CROSS JOIN (VALUES
      (1, 'premium', NULL, ${PER_POLICY * 2_334}), (2, 'tax', 'IPT', ${PER_POLICY * 233})) AS c
   WHERE tenant_id = ANY ($1::uuid[])`;
const schedules = `
  INSERT INTO schedules (tenant_id, id, policy_locator, transaction_id, plan, state, currency, total_minor, version,
    created_at)
  SELECT tenant_id, uuidv7(), policy_locator, id, '1year-monthly', 'active', 'USD', ${PER_POLICY * 2_567}, 1, created_at
    FROM policy_transactions WHERE tenant_id = ANY ($1::uuid[])`;
// A policy's instalments lie together, one policy's after another's, as they do where they are made.
const instalments = `
  INSERT INTO instalments (tenant_id, id, schedule_id, policy_locator, number, due_on, original_due_on, due_at,
    generate_at, announced_at, period_start, period_end, currency, amount_minor, allocated_minor, written_off_minor,
    balance_minor, state, version)
  SELECT s.tenant_id, uuidv7(), s.id, s.policy_locator, m + 1, due, due, due_at, due_at,
         CASE WHEN due <= current_date - $2::int THEN due_at END, due,
         ((s.created_at AT TIME ZONE 'UTC') + make_interval(months => m + 1))::date, 'USD', 2567, 0, 0, 2567,
         CASE WHEN due <= current_date THEN 'billed' ELSE 'scheduled' END,
         CASE WHEN due <= current_date - $2::int THEN 2 WHEN due <= current_date THEN 1 ELSE 0 END
    FROM schedules s CROSS JOIN LATERAL (
      SELECT m, due, due::timestamp AT TIME ZONE 'UTC' AS due_at FROM (
        SELECT m, ((s.created_at AT TIME ZONE 'UTC') + make_interval(months => m))::date AS due
          FROM generate_series(0, ${PER_POLICY - 1}) AS m OFFSET 0) AS m OFFSET 0) AS m
   WHERE s.tenant_id = ANY ($1::uuid[])`;
// As the trigger does, which does not run here.
const queue = `
  INSERT INTO announcement_queue (tenant_id, due_at, id, policy_locator, schedule_id)
  SELECT tenant_id, due_at, id, policy_locator, schedule_id
    FROM instalments WHERE state = 'billed' AND announced_at IS NULL AND tenant_id = ANY ($1::uuid[])`;
const lines = `
  INSERT INTO instalment_lines (tenant_id, instalment_id, charge_id, amount_minor)
  SELECT i.tenant_id, i.id, c.id, c.amount_minor / ${PER_POLICY}
    FROM instalments i JOIN charges c USING (tenant_id, policy_locator) WHERE i.tenant_id = ANY ($1::uuid[])`;
const invoices = `
  INSERT INTO invoices (tenant_id, id, number, type, policy_locator, instalment_id, state, currency, issued_on, due_on,
    original_due_on, total_minor, allocated_minor, written_off_minor, balance_minor, version)
  SELECT tenant_id, uuidv7(), row_number() OVER (PARTITION BY tenant_id ORDER BY due_on, id), 'instalment',
         policy_locator, id, 'open', 'USD', due_on, due_on, due_on, 2567, 0, 0, 2567, 1
    FROM instalments WHERE state = 'billed' AND tenant_id = ANY ($1::uuid[]) ORDER BY due_on, id`;
const items = `
  INSERT INTO invoice_items (tenant_id, invoice_id, item_no, charge_id, category, code, amount_minor, allocated_minor)
  SELECT v.tenant_id, v.id, c.position, c.id, c.category, c.code, c.amount_minor / ${PER_POLICY}, 0
    FROM invoices v JOIN charges c USING (tenant_id, policy_locator) WHERE v.tenant_id = ANY ($1::uuid[])`;
const counters = `
  INSERT INTO invoice_counters (tenant_id, last_number)
  SELECT tenant_id, max(number) FROM invoices WHERE tenant_id = ANY ($1::uuid[]) GROUP BY 1`;

/** No trigger runs: the sums that they would check are right by their making. */
const BULK = `
  SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1GB';
  SET work_mem = '512MB'; SET max_parallel_workers_per_gather = 0; SET synchronize_seqscans = off;
  SET enable_mergejoin = off`;
const WITHOUT_INDEXES = `
  UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid = ANY ($1::regclass[])`;

/** Fills the schema of billing, as its administrator: rows first, indexes after them. */
export async function loadBook(adminUrl: string, { instalments: count, tenantIds, dueDays }: Book): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(BULK);
  await client.query('SET search_path = billing');
  await client.query(WITHOUT_INDEXES, [tables]);
  await client.query(policies, [Math.ceil(count / PER_POLICY), tenantIds]);
  for (const text of [holders, terms, transactions, charges, schedules]) await client.query(text, [tenantIds]);
  await client.query(instalments, [tenantIds, dueDays]);
  await client.query('ANALYZE');
  for (const text of [queue, lines, invoices, 'ANALYZE', items, counters]) {
    await client.query(text, text === 'ANALYZE' ? [] : [tenantIds]);
  }
  for (const table of tables) await client.query(`REINDEX TABLE ${table}`);
  await client.query('VACUUM (ANALYZE)');
  await client.end();
}
