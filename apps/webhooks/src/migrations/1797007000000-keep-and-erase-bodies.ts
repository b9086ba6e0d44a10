import { tenantTable } from '@quittance/service-kit/database/tenant-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * tenant_keys     a tenant's data keys, sealed by SECRETS_KEY; destroyed: the row stays, the key is gone
 * erasures        who had keys destroyed and how far the deliveries that waited are aborted
 * success_bodies  what receivers said with a 2xx, by day and for a week: kept apart, it is dropped like any other day,
 *                 where nulling it would rewrite the largest table once for every delivery
 * attempt_starts  with `audit_strict`: written before the request, so that one lost with its process leaves a trace
 */
const tables = [
  `ALTER TABLE endpoints ADD COLUMN audit_strict boolean NOT NULL DEFAULT false`,
  `CREATE TABLE tenant_keys (
     tenant_id uuid NOT NULL,
     id integer NOT NULL,
     wrapped bytea,
     key_version smallint NOT NULL,
     created_at timestamptz NOT NULL,
     destroyed_at timestamptz,
     CONSTRAINT tenant_keys_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT tenant_keys_id CHECK (id BETWEEN 1 AND 65535),
     CONSTRAINT tenant_keys_destroyed_is_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
   )`,
  `CREATE TABLE erasures (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     state text NOT NULL DEFAULT 'running',
     keys_destroyed integer NOT NULL,
     deliveries_aborted integer NOT NULL DEFAULT 0,
     after_delivery uuid,
     requested_by text NOT NULL,
     created_at timestamptz NOT NULL,
     completed_at timestamptz,
     CONSTRAINT erasures_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT erasures_state CHECK (state IN ('running', 'completed')),
     CONSTRAINT erasures_completed_has_time CHECK ((state = 'completed') = (completed_at IS NOT NULL))
   )`,
  `CREATE INDEX erasures_running ON erasures (tenant_id, id) WHERE state = 'running'`,
  `CREATE TABLE success_bodies (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     body bytea NOT NULL,
     CONSTRAINT success_bodies_pk PRIMARY KEY (tenant_id, id)
   ) PARTITION BY RANGE (id)`,
  `CREATE TABLE attempt_starts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     delivery_id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     message_id uuid NOT NULL,
     n smallint NOT NULL,
     instance_id text NOT NULL,
     started_at timestamptz NOT NULL,
     CONSTRAINT attempt_starts_pk PRIMARY KEY (tenant_id, id)
   ) PARTITION BY RANGE (id)`,
  `CREATE INDEX attempt_starts_by_delivery ON attempt_starts (tenant_id, delivery_id)`,
];

const access = [
  ...tenantTable('webhooks', 'tenant_keys', { worker: 'SELECT, INSERT' }),
  ...tenantTable('webhooks', 'erasures', { app: 'SELECT, INSERT', worker: 'SELECT, UPDATE' }),
  ...tenantTable('webhooks', 'success_bodies', { app: 'SELECT', worker: 'SELECT, INSERT' }),
  ...tenantTable('webhooks', 'attempt_starts', { app: 'SELECT', worker: 'SELECT, INSERT' }),
];

const parents = ['messages', 'attempts', 'success_bodies', 'attempt_starts'];
const listed = parents.map((table) => `'${table}'`).join(', ');

/**
 * As in the first migration, now for four tables, and taking what had to go to the default partition meanwhile; and its
 * counterpart. `drop_oldest_partition` drops one day a call, and
 * only a whole day that is older than it is told to keep, by the database's clock: neither a wrong clock nor a wrong
 * argument of a worker takes a day that is being written. Dropping needs the parent for itself for a moment: after
 * 200 ms of waiting it lets the traffic behind it pass, and the worker asks again.
 */
const partitions = [
  `CREATE OR REPLACE FUNCTION create_partitions(first_day date, last_day date) RETURNS void
     LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
   DECLARE parent text; day date; name text;
   BEGIN
     PERFORM pg_advisory_xact_lock(hashtext('quittance.webhooks.partitions'));
     FOREACH parent IN ARRAY ARRAY[${listed}] LOOP
       FOR day IN SELECT first_day + n FROM generate_series(0, last_day - first_day) n LOOP
         name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
         CONTINUE WHEN to_regclass(name) IS NOT NULL;
         EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
         -- Rows of that day would forbid it: those that came while it was missing move in. Their owner sees them only
         -- while row-level security is not forced; it is forced again before anybody else sees that.
         EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', parent || '_default');
         EXECUTE format('WITH moved AS (DELETE FROM %I WHERE id >= %L AND id < %L RETURNING *)
                         INSERT INTO %I SELECT * FROM moved',
                        parent || '_default', uuid_floor(day), uuid_floor(day + 1), name);
         EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', parent || '_default');
         EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
         EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
         EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                        parent, name, uuid_floor(day), uuid_floor(day + 1));
       END LOOP;
     END LOOP;
   END $$`,
  `CREATE FUNCTION drop_oldest_partition(parent text, keep_days integer) RETURNS text
     LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '200ms' AS $$
   DECLARE name text;
   BEGIN
     IF parent NOT IN (${listed}) OR keep_days < 1 THEN
       RAISE EXCEPTION 'nothing is dropped of % before % days', parent, keep_days;
     END IF;
     PERFORM pg_advisory_xact_lock(hashtext('quittance.webhooks.partitions'));
     SELECT c.relname INTO name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = parent::regclass AND c.relname ~ ('^' || parent || '_[0-9]{8}$')
        AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - keep_days
      ORDER BY c.relname LIMIT 1;
     IF name IS NOT NULL THEN EXECUTE format('DROP TABLE %I', name); END IF;
     RETURN name;
   END $$`,
  `REVOKE ALL ON FUNCTION drop_oldest_partition(text, integer) FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION drop_oldest_partition(text, integer) TO webhooks_worker`,
  ...['success_bodies', 'attempt_starts'].flatMap((table) => [
    `CREATE TABLE ${table}_default PARTITION OF ${table} DEFAULT`,
    ...tenantTable('webhooks', `${table}_default`, { app: '', worker: 'SELECT' }),
  ]),
  ...parents.map((table) => `GRANT DELETE ON ${table}_default TO webhooks_worker`),
  `SELECT create_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7)`,
];

export class KeepAndEraseBodies1797007000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tables, ...access, ...partitions]) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
