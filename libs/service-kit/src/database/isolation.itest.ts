import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { newId } from '../id.ts';
import { createDataSource } from './data-source.ts';
import { Database } from './database.ts';
import { createKitTables } from './kit-tables.ts';
import { tenantTable } from './tenant-table.ts';
import type { Tx } from './tx.ts';

const tables = [
  ...createKitTables('isolation'),
  'CREATE TABLE notes (tenant_id uuid, id int, PRIMARY KEY (tenant_id, id))',
  ...tenantTable('isolation', 'notes'),
  `CREATE TABLE replies (tenant_id uuid, id int, note_id int, PRIMARY KEY (tenant_id, id),
     CONSTRAINT replies_note FOREIGN KEY (tenant_id, note_id) REFERENCES notes (tenant_id, id))`,
  ...tenantTable('isolation', 'replies'),
];

let database: ToyDatabase;
let app: DataSource;
let db: Database;
let mine: string;
let theirs: string;

beforeAll(async () => {
  database = await createToyDatabase('isolation', tables);
  const source = (url: string) =>
    createDataSource({ url, applicationName: 'test', entities: [], poolMax: 1 }).initialize();
  // One connection a role, so that whatever a transaction leaves behind is there for the next.
  app = await source(database.appUrl);
  db = new Database(app, await source(database.workerUrl));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  [mine, theirs] = [newId(), newId()];
  for (const [tenantId, id] of [
    [mine, 1],
    [theirs, 2],
  ] as const)
    await db.withTenant(tenantId, (tx) => note(tx, tenantId, id));
});

const note = (tx: Tx, tenantId: string, id: number) => tx.execute('INSERT INTO notes VALUES ($1, $2)', [tenantId, id]);
const notes = async (tx: Tx) => (await tx.query<{ id: number }>('SELECT id FROM notes')).map(({ id }) => id);
const untold = () => app.query<unknown[]>('SELECT id FROM notes');

describe('a tenant', () => {
  it('sees and changes its own rows only', async () => {
    expect(await db.withTenant(mine, notes)).toEqual([1]);
    expect(await db.withTenant(theirs, notes)).toEqual([2]);
    expect(await db.withTenant(mine, (tx) => tx.execute('UPDATE notes SET id = id + 10'))).toBe(1);
    expect(await db.withTenant(theirs, notes)).toEqual([2]);
  });

  it('writes no row of another, neither new nor by moving its own', async () => {
    const refused = { code: '42501' };
    await expect(db.withTenant(mine, (tx) => note(tx, theirs, 3))).rejects.toMatchObject(refused);
    const move = (tx: Tx) => tx.execute('UPDATE notes SET tenant_id = $1', [theirs]);
    await expect(db.withTenant(mine, move)).rejects.toMatchObject(refused);
    expect(await db.withTenant(theirs, notes)).toEqual([2]);
  });

  it('cannot refer to a row of another, though foreign keys look past the policies', async () => {
    const reply = (id: number) => (tx: Tx) => tx.execute('INSERT INTO replies VALUES ($1, 1, $2)', [mine, id]);
    const refused = { code: '23503', constraint: 'replies_note' };
    await expect(db.withTenant(mine, reply(2))).rejects.toMatchObject(refused);
    expect(await db.withTenant(mine, reply(1))).toBe(1);
  });

  it('is nobody where none is named: no row, and no error', async () => {
    expect(await untold()).toEqual([]);
    await db.withTenant(mine, notes);
    expect(await untold()).toEqual([]);
  });

  it('takes no part of the worker’s work, which sees every tenant', async () => {
    const tenants = (tx: Tx) =>
      tx.query('SELECT id FROM notes WHERE tenant_id IN ($1, $2) ORDER BY id', [mine, theirs]);
    expect(await db.tx(tenants)).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(db.withTenant(mine, (tx) => tx.query('SELECT 1 FROM inbox'))).rejects.toMatchObject({ code: '42501' });
  });

  it('that is no tenant at all is refused, not served', async () => {
    await expect(db.withTenant('nobody', notes)).rejects.toMatchObject({ code: '22P02' });
    expect(await untold()).toEqual([]);
  });
});

describe('a connection that served one tenant', () => {
  const ends: Record<string, (tx: Tx) => Promise<unknown>> = {
    'a commit': notes,
    'a failed statement': (tx) => note(tx, mine, 1),
    'a failure of the work': () => Promise.reject(new Error('no')),
    'a refused row': (tx) => note(tx, theirs, 9),
    'its death': (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'),
  };

  it.each(Object.keys(ends))('knows nothing of it after %s', async (how) => {
    await db.withTenant(mine, ends[how]!).catch(() => undefined);
    expect(await untold()).toEqual([]);
    expect(await db.withTenant(theirs, notes)).toEqual([2]);
    const [setting] = await app.query<{ tenant: string | null }[]>(
      `SELECT current_setting('app.tenant_id', true) AS tenant`,
    );
    expect(setting?.tenant ?? '').toBe('');
  });
});

describe('the kit’s own tables', () => {
  /** Tables whose rows are open, or that no policy opens to a role with rights; roles that own or may too much. */
  const open = `SELECT relname AS fault FROM pg_class c
     WHERE relkind IN ('r', 'p') AND relnamespace = 'isolation'::regnamespace
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
       AND (NOT (relrowsecurity AND relforcerowsecurity) OR EXISTS (
         SELECT FROM unnest('{isolation_app,isolation_worker}'::name[]) role
          WHERE has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE') AND NOT EXISTS (
            SELECT FROM pg_policies p WHERE p.tablename = relname AND role = ANY (p.roles) AND p.qual IS NOT NULL
               AND (role = 'isolation_worker' OR p.qual LIKE '%tenant_id = %app.tenant_id%'))))
    UNION ALL
    SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
     WHERE r.rolname IN ('isolation_app', 'isolation_worker') AND c.relkind <> 'i'
    UNION ALL
    SELECT rolname FROM pg_roles WHERE rolname LIKE 'isolation\\_%' AND (rolsuper OR rolbypassrls OR rolcreaterole)`;
  const faults = async () => (await database.sql<{ fault: string }>(open)).map(({ fault }) => fault);

  it('have forced row-level security and the policies of both roles, partitions too', async () => {
    expect(await faults()).toEqual([]);
  });

  it.each([
    ['DROP POLICY inbox_worker ON inbox', 'inbox'],
    ['DROP POLICY notes_app ON notes', 'notes'],
    ['ALTER POLICY notes_app ON notes USING (true)', 'notes'],
    ['ALTER TABLE event_log_default DISABLE ROW LEVEL SECURITY', 'event_log_default'],
    ['ALTER TABLE idempotency_keys NO FORCE ROW LEVEL SECURITY', 'idempotency_keys'],
    ['ALTER TABLE replies OWNER TO isolation_app', 'replies'],
  ])('%s would be found', async (damage, fault) => {
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query('BEGIN');
    await admin.query(damage);
    const { rows } = await admin.query<{ fault: string }>(open);
    await admin.end();
    expect(rows).toEqual([{ fault }]);
    expect(await faults()).toEqual([]);
  });
});

describe('the partitions of the event log', () => {
  const days = async () =>
    (
      await database.sql<{
        day: string;
      }>(`SELECT right(relname, 8) AS day FROM pg_class WHERE relname ~ '^event_log_2030'
       AND relkind = 'r' ORDER BY 1`)
    ).map(({ day }) => day);
  const make = (today: string, ahead: number, keep: number) => (tx: Tx) =>
    tx.query('SELECT event_log_partitions($1, $2, $3)', [today, ahead, keep]);

  it('are made ahead and dropped past retention; making them again changes nothing', async () => {
    await db.tx(make('2030-01-30', 2, 14));
    await db.tx(make('2030-01-30', 2, 14));
    expect(await days()).toEqual(['20300130', '20300131', '20300201']);
    await db.tx(make('2030-02-14', 0, 14));
    expect(await days()).toEqual(['20300131', '20300201', '20300214']);
  });

  it('are the worker’s to make, and nobody reaches past the parent', async () => {
    const refused = { code: '42501' };
    await expect(db.withTenant(mine, make('2030-03-01', 0, 14))).rejects.toMatchObject(refused);
    await db.tx(make('2030-03-01', 0, 14));
    const read = (tx: Tx) => tx.query('SELECT 1 FROM event_log_20300301');
    await expect(db.tx(read)).rejects.toMatchObject(refused);
    await expect(db.withTenant(mine, read)).rejects.toMatchObject(refused);
  });
});
