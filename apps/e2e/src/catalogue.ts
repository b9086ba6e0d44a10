// What the database's own catalogue says about tenancy, and whether a tenant sees another's rows: as lists of faults,
// so that a test can show both that there are none and that a fault would be found.
import type pg from 'pg';
import { services } from '../../../tools/services.mjs';

const schemas = services.map(({ schema }) => schema);
const roles = services.flatMap(({ name }) => [`${name}_app`, `${name}_worker`]);

/** Parts of the machinery that belong to no tenant. */
const untenanted = [
  ...['migrations', 'consumer_leases', 'inbox_failures', 'outbox_queue', 'relay_state'],
  ...['dispatchers', 'shard_leases', 'invariant_looks', 'ledger_progress'],
];

/** Keys that find the tenant, or that the database counts itself: nobody who sends one learns of another's. */
const crossing = [
  'clients_client_id_unique',
  'api_keys_api_key_unique',
  'payment_attempts_provider_ref',
  'event_log_%pkey',
  'journal_entries_seq',
];

/** The gateway finds a caller before it knows whose it is: its own tables it may read across tenants, never write. */
const lookedUpFirst = [
  ...['access.api_key_secrets', 'access.api_keys'],
  ...['access.client_secrets', 'access.clients', 'access.tenants'],
];

const tenantTables = `
  SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relispartition, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY($1)
     AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')`;

const checks: Readonly<Record<string, { text: string; values: unknown[] }>> = {
  'is a tenant table without forced row-level security': {
    text: `SELECT schema || '.' || name AS fault FROM (${tenantTables}) t
            WHERE NOT (relrowsecurity AND relforcerowsecurity)`,
    values: [schemas],
  },
  'is a tenant table without the policy that asks for the tenant': {
    text: `SELECT schema || '.' || name AS fault FROM (${tenantTables}) t
            WHERE NOT relispartition AND NOT EXISTS (
              SELECT 1 FROM pg_policy p
               WHERE p.polrelid = t.oid AND p.polname = t.name || '_app' AND p.polpermissive
                 AND pg_get_expr(p.polqual, p.polrelid) LIKE '%tenant_id = %current_setting(''app.tenant_id''%'
                 AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%tenant_id = %current_setting(''app.tenant_id''%')`,
    values: [schemas],
  },
  'has no tenant and is none of the machinery': {
    text: `SELECT n.nspname || '.' || c.relname AS fault FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY($1) AND c.relname <> ALL($2)
              AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')`,
    values: [schemas, untenanted],
  },
  'is a view with the rights of its owner': {
    text: `SELECT n.nspname || '.' || c.relname AS fault FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY($1) AND (c.relkind = 'm' OR (c.relkind = 'v'
              AND NOT coalesce('security_invoker=true' = ANY(c.reloptions), false)))`,
    values: [schemas],
  },
  'is a foreign key without the tenant': {
    text: `SELECT k.conrelid::regclass || ' ' || k.conname AS fault FROM pg_constraint k
             JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND n.nspname = ANY($1) AND NOT EXISTS (
              SELECT 1 FROM pg_attribute a
               WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey) AND a.attname = 'tenant_id')`,
    values: [schemas],
  },
  'is a unique key that does not begin with the tenant': {
    text: `SELECT i.indexrelid::regclass::text AS fault FROM pg_index i JOIN (${tenantTables}) t ON t.oid = i.indrelid
            WHERE i.indisunique
              AND i.indexrelid::regclass::text NOT LIKE ALL (SELECT '%.' || x FROM unnest($2::text[]) x)
              AND NOT EXISTS (
              SELECT 1 FROM pg_attribute a
               WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = 'tenant_id')`,
    values: [schemas, crossing],
  },
  'is a role that is above the rules': {
    text: `SELECT rolname AS fault FROM pg_roles WHERE rolname = ANY($1)
              AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
    values: [roles],
  },
  'is owned by a role that only works with it': {
    text: `SELECT c.oid::regclass::text AS fault FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
            WHERE r.rolname = ANY($1)
           UNION ALL
           SELECT n.nspname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE r.rolname = ANY($1)`,
    values: [roles],
  },
  'reaches into the schema of another service': {
    text: `SELECT r.role || ' ' || s.schema AS fault
             FROM unnest($1::text[], $2::text[]) r (role, own), unnest($3::text[]) s (schema)
            WHERE s.schema <> r.own AND (has_schema_privilege(r.role, s.schema, 'USAGE') OR EXISTS (
              SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = s.schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                 AND has_table_privilege(r.role, c.oid,
                   'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')))`,
    values: [roles, services.flatMap(({ schema }) => [schema, schema]), schemas],
  },
};

/** Every fault of the catalogue, as `<thing> <what is wrong with it>`. */
export async function catalogueFaults(client: pg.Client): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, { text, values }] of Object.entries(checks)) {
    const { rows } = await client.query<{ fault: string }>(text, values);
    faults.push(...rows.map(({ fault }) => `${fault} ${what}`));
  }
  return faults.toSorted();
}

interface Reading {
  table: string;
  /** Rows of the tenant itself that its own role sees. */
  own: number;
  /** Rows of anybody else. */
  foreign: number;
  /** Rows that are seen without a tenant. */
  untold: number;
}

/**
 * Reads every tenant table as the role that answers HTTP. Runs inside the caller's transaction, in savepoints, so that
 * a test may damage the schema first and roll everything back.
 */
export async function readAsTenant(client: pg.Client, tenantId: string): Promise<Reading[]> {
  const { rows: tables } = await client.query<{ schema: string; name: string }>(
    `SELECT schema, name FROM (${tenantTables}) t
      WHERE has_table_privilege(CASE schema WHEN 'access' THEN 'gateway' ELSE schema END || '_app', oid, 'SELECT')
      ORDER BY 1, 2`,
    [schemas],
  );
  const readings: Reading[] = [];
  for (const { schema, name } of tables) {
    const table = `${schema}.${name}`;
    const service = services.find((one) => one.schema === schema)!.name;
    await client.query('SAVEPOINT reading');
    await client.query(`SET LOCAL ROLE ${service}_app`);
    const seen = async (tenant: string) => {
      await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenant]);
      const { rows } = await client.query<{ own: number; foreign: number }>(
        `SELECT count(*) FILTER (WHERE tenant_id = $1)::int AS own,
                count(*) FILTER (WHERE tenant_id <> $1)::int AS foreign FROM ${table}`,
        [tenantId],
      );
      return rows[0]!;
    };
    const { own, foreign } = await seen(tenantId);
    const nobody = await seen('');
    readings.push({ table, own, foreign, untold: nobody.own + nobody.foreign });
    await client.query('ROLLBACK TO SAVEPOINT reading');
  }
  return readings;
}

/** The tables in which a tenant sees more than its own. */
export function isolationFaults(readings: readonly Reading[]): string[] {
  return readings
    .filter(({ table, foreign, untold }) => !lookedUpFirst.includes(table) && (foreign > 0 || untold > 0))
    .map(({ table }) => table);
}
