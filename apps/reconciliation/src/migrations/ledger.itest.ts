import pg from 'pg';
import { newId } from '@quittance/service-kit/id';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { migrations } from './all.ts';

let database: TestDatabase;
const pools: pg.Pool[] = [];
const open = (connectionString: string) => {
  const pool = new pg.Pool({ connectionString, max: 1 });
  pools.push(pool);
  return pool;
};
let app: pg.Pool;
let worker: pg.Pool;
let admin: pg.Pool;
const [tenantId, other] = [newId(), newId()];
let entryId: string;

const ENTRY = `INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at)
  VALUES ($1, $2, 'payment_posted', 'payment', $3, '2025-01-01', now())`;
const LINES = `INSERT INTO journal_lines (tenant_id, entry_id, n, account, amount_minor, currency)
  SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::bigint[], $6::text[])`;
const ACCOUNTS = `INSERT INTO accounts (tenant_id, code, role, type)
  VALUES ($1, '1100', 'clearing_card', 'asset'), ($1, '2100', 'unapplied_cash', 'liability')`;

type LineRow = [n: number, account: string, amount: number, currency: string];
const linesOf = (tenant: string, entry: string, rows: LineRow[] = sound) => [
  ...[tenant, entry],
  ...[0, 1, 2, 3].map((column) => rows.map((row) => row[column])),
];
const lines = (tenant: string, entry: string, rows: LineRow[]) => worker.query(LINES, linesOf(tenant, entry, rows));
const sound: LineRow[] = [
  [1, '1100', 2567, 'USD'],
  [2, '2100', -2567, 'USD'],
];
async function newEntry(tenant = tenantId): Promise<string> {
  const id = newId();
  await worker.query(ENTRY, [tenant, id, id]);
  return id;
}
/** SQLSTATE and constraint of a refusal. */
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'it was accepted',
    ({ code, constraint }: { code: string; constraint?: string }) => [code, constraint].join(' ').trim(),
  );

beforeAll(async () => {
  database = await createTestDatabase('reconciliation', migrations);
  [app, worker, admin] = [open(database.appUrl), open(database.workerUrl), open(database.adminUrl)];
  for (const tenant of [tenantId, other]) {
    await worker.query(ACCOUNTS, [tenant]);
    const id = await newEntry(tenant);
    await lines(tenant, id, sound);
    if (tenant === tenantId) entryId = id;
  }
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

describe('the database refuses', () => {
  it.each<[string, LineRow[], string]>([
    ['an entry that does not balance', [sound[0]!, [2, '2100', -2566, 'USD']], '23514 journal_lines_balance'],
    ['one line', [sound[0]!], '23514 journal_lines_balance'],
    ['two currencies set against each other', [sound[0]!, [2, '2100', -2567, 'EUR']], '23514 journal_lines_balance'],
    ['an account that is not in the chart', [sound[0]!, [2, '9999', -2567, 'USD']], '23503 journal_lines_account_fkey'],
    [
      'a line of nothing',
      [
        [1, '1100', 0, 'USD'],
        [2, '2100', 0, 'USD'],
      ],
      '23514 journal_lines_amount_not_zero',
    ],
    [
      'a currency that is none',
      [
        [1, '1100', 1, 'usd'],
        [2, '2100', -1, 'usd'],
      ],
      '23514 journal_lines_currency',
    ],
  ])('%s', async (_, rows, expected) => {
    expect(await refusal(lines(tenantId, await newEntry(), rows))).toBe(expected);
  });

  it('more lines for a booked entry, though they balance among themselves', async () => {
    const more: LineRow[] = [
      [3, '1100', 100, 'USD'],
      [4, '2100', -100, 'USD'],
    ];
    expect(await refusal(lines(tenantId, entryId, more))).toBe('23514 journal_lines_at_once');
  });

  it('lines for an entry or an account of another tenant', async () => {
    const third = newId();
    expect(await refusal(lines(other, entryId, sound))).toBe('23503 journal_lines_entry_fkey');
    expect(await refusal(lines(third, await newEntry(third), sound))).toBe('23503 journal_lines_account_fkey');
  });

  it('the same fact twice, and a second reversal of one entry', async () => {
    expect(await refusal(worker.query(ENTRY, [tenantId, newId(), entryId]))).toBe(
      '23505 journal_entries_source_unique',
    );
    const reverse = () =>
      worker.query(
        `INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at, reverses)
         VALUES ($1, $2, 'payment_reversed', 'payment', $3, '2025-01-06', now(), $4)`,
        [tenantId, newId(), newId(), entryId],
      );
    expect(await refusal(reverse())).toBe('it was accepted');
    expect(await refusal(reverse())).toBe('23505 journal_entries_reverses_once');
  });

  describe.each(['journal_entries', 'journal_lines', 'ledger_batches'])('any change of %s', (table) => {
    it.each([[`UPDATE ${table} SET tenant_id = tenant_id`], [`DELETE FROM ${table}`], [`TRUNCATE ${table} CASCADE`]])(
      '%s',
      async (statement) => {
        expect(await refusal(worker.query(statement))).toBe('42501');
        expect(await refusal(app.query(statement))).toBe('42501');
        expect(await refusal(admin.query(statement))).toBe('23001');
      },
    );
  });
});

describe('tenants', () => {
  const tables = ['accounts', 'journal_entries', 'journal_lines'];
  const seenBy = async (tenant: string | null, table: string) => {
    const client = await app.connect();
    try {
      await client.query('BEGIN');
      if (tenant) await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenant]);
      const { rows } = await client.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM ${table}`);
      return rows.map(({ tenant_id }) => tenant_id);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  };

  it.each(tables)('see their own rows of %s, and without a tenant there are none', async (table) => {
    expect(await seenBy(tenantId, table)).toEqual([tenantId]);
    expect(await seenBy(other, table)).toEqual([other]);
    expect(await seenBy(newId(), table)).toEqual([]);
    expect(await seenBy(null, table)).toEqual([]);
  });

  const bookedBy = async (tenant: string, of: string) => {
    const client = await app.connect();
    const id = newId();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenant]);
      return await refusal(client.query(ENTRY, [of, id, id]).then(() => client.query(LINES, linesOf(of, id))));
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  };

  it('book by hand for themselves and for no other', async () => {
    expect(await bookedBy(tenantId, tenantId)).toBe('it was accepted');
    expect(await bookedBy(tenantId, other)).toBe('42501');
    const account = [other, '9998', 'made_up', 'asset'];
    const addAccount = app.query(`INSERT INTO accounts (tenant_id, code, role, type) VALUES ($1, $2, $3, $4)`, account);
    expect(await refusal(addAccount)).toBe('42501');
  });

  it.each(['balance_days', 'ledger_batches', 'ledger_progress'])('write nothing to %s over HTTP', async (table) => {
    expect(await refusal(app.query(`INSERT INTO ${table} DEFAULT VALUES`))).toBe('42501');
    expect(
      await refusal(
        app.query(`UPDATE ${table} SET ${table === 'ledger_progress' ? 'id = id' : 'tenant_id = tenant_id'}`),
      ),
    ).toBe('42501');
  });

  it('are kept apart in every table by a forced policy, and in every foreign key', async () => {
    const { rows: open } = await admin.query(`
      SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND n.nspname = 'reconciliation'
         AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`);
    expect(open).toEqual([]);
    const { rows: crossing } = await admin.query(`
      SELECT k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
       WHERE k.contype = 'f' AND n.nspname = 'reconciliation'
         AND NOT EXISTS (SELECT 1 FROM pg_attribute a
               WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.attname = 'tenant_id')`);
    expect(crossing).toEqual([]);
  });

  it('are served by roles that bypass nothing and own nothing', async () => {
    const { rows } = await admin.query(`
      SELECT r.rolname FROM pg_roles r WHERE r.rolname IN ('reconciliation_app', 'reconciliation_worker')
         AND (r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid))`);
    expect(rows).toEqual([]);
    const { rows: views } = await admin.query(`
      SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'v' AND n.nspname = 'reconciliation'
         AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)`);
    expect(views).toEqual([]);
  });
});
