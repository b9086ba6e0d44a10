import { createKitTables } from '@quittance/service-kit/database/kit-tables';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * tenant_configs    one version a tenant, raised by every change of its endpoints: what makes caches of endpoints exact
 * endpoints         where to send what; never deleted, so that a settled delivery can always name its endpoint
 * endpoint_secrets  signing secrets, encrypted; several may be valid at once
 * messages          the exact bytes that are signed, by day; the event's id is the key, so an event is stored once
 * deliveries        hot: only what still has to be sent. Nothing else is updated or deleted per delivery
 * attempts          one row a request, by day; the last one carries the delivery's result
 * shard_leases      which dispatcher sends for a shard, with a fencing epoch
 * dispatchers       which dispatchers are alive, so that each takes its share of the shards
 */
const tables = [
  `CREATE TABLE tenant_configs (
     tenant_id uuid NOT NULL,
     config_version bigint NOT NULL DEFAULT 1,
     CONSTRAINT tenant_configs_pk PRIMARY KEY (tenant_id)
   )`,
  `CREATE TABLE endpoints (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     shard smallint NOT NULL,
     url text NOT NULL,
     event_types text[],
     description text,
     state text NOT NULL,
     disabled_reason text,
     hold_until timestamptz,
     version integer NOT NULL DEFAULT 0,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     CONSTRAINT endpoints_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT endpoints_shard CHECK (shard BETWEEN 0 AND 63),
     CONSTRAINT endpoints_state CHECK (state IN ('active', 'paused', 'disabled', 'deleting', 'deleted')),
     CONSTRAINT endpoints_disabled_has_reason CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL))
   )`,
  `CREATE INDEX endpoints_deleting ON endpoints (tenant_id, id) WHERE state = 'deleting'`,
  `CREATE TABLE endpoint_secrets (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     kind text NOT NULL,
     ciphertext bytea NOT NULL,
     key_version smallint NOT NULL,
     not_before timestamptz NOT NULL,
     expires_at timestamptz,
     CONSTRAINT endpoint_secrets_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT endpoint_secrets_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
     CONSTRAINT endpoint_secrets_kind CHECK (kind IN ('hmac', 'ed25519'))
   )`,
  `CREATE INDEX endpoint_secrets_by_endpoint ON endpoint_secrets (tenant_id, endpoint_id)`,
  `CREATE TABLE messages (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     event_type text NOT NULL,
     subject text NOT NULL,
     sequence integer,
     traceparent text,
     occurred_at timestamptz NOT NULL,
     body bytea NOT NULL,
     CONSTRAINT messages_pk PRIMARY KEY (tenant_id, id)
   ) PARTITION BY RANGE (id)`,
  // A message's day may be dropped while a paused endpoint still waits for it, so there is no foreign key to messages.
  `CREATE TABLE deliveries (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     message_id uuid NOT NULL,
     shard smallint NOT NULL,
     attempt smallint NOT NULL DEFAULT 0,
     due_at timestamptz NOT NULL,
     last_status smallint,
     last_error text,
     created_at timestamptz NOT NULL,
     CONSTRAINT deliveries_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT deliveries_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
     CONSTRAINT deliveries_attempt CHECK (attempt >= 0)
   ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0)`,
  // The dispatcher's index: it works by shard over all tenants, so this is the one that does not start with the tenant.
  `CREATE INDEX deliveries_due ON deliveries (shard, endpoint_id, due_at, id)`,
  // No foreign keys: written once per request, kept by the day, and an endpoint's row is never deleted.
  `CREATE TABLE attempts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     delivery_id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     message_id uuid NOT NULL,
     n smallint NOT NULL,
     outcome text NOT NULL,
     status smallint,
     error text,
     started_at timestamptz NOT NULL,
     duration_ms integer,
     response_headers jsonb,
     response_body bytea,
     response_truncated boolean NOT NULL DEFAULT false,
     possible_duplicate boolean NOT NULL DEFAULT false,
     next_due_at timestamptz,
     result text,
     delivery_created_at timestamptz NOT NULL,
     CONSTRAINT attempts_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT attempts_outcome CHECK (outcome IN ('succeeded', 'failed', 'not_sent')),
     CONSTRAINT attempts_result CHECK (result IN ('delivered', 'exhausted', 'aborted'))
   ) PARTITION BY RANGE (id)`,
  `CREATE INDEX attempts_by_delivery ON attempts (tenant_id, delivery_id)`,
  `CREATE INDEX attempts_settled ON attempts (tenant_id, endpoint_id, delivery_id) WHERE result IS NOT NULL`,
  `CREATE TABLE shard_leases (
     shard smallint NOT NULL,
     owner text,
     epoch bigint NOT NULL DEFAULT 0,
     expires_at timestamptz NOT NULL DEFAULT '-infinity',
     CONSTRAINT shard_leases_pk PRIMARY KEY (shard)
   ) WITH (fillfactor = 50)`,
  `INSERT INTO shard_leases (shard) SELECT generate_series(0, 63)`,
  `CREATE TABLE dispatchers (
     instance_id text NOT NULL,
     seen_at timestamptz NOT NULL,
     CONSTRAINT dispatchers_pk PRIMARY KEY (instance_id)
   )`,
];

const access = [
  ...tenantTable('webhooks', 'tenant_configs'),
  ...tenantTable('webhooks', 'endpoints', { worker: 'SELECT, UPDATE' }),
  ...tenantTable('webhooks', 'endpoint_secrets', { app: 'SELECT, INSERT', worker: 'SELECT' }),
  ...tenantTable('webhooks', 'messages', { app: 'SELECT', worker: 'SELECT, INSERT' }),
  ...tenantTable('webhooks', 'deliveries'),
  ...tenantTable('webhooks', 'attempts', { app: 'SELECT', worker: 'SELECT, INSERT' }),
  `GRANT SELECT, UPDATE ON shard_leases TO webhooks_worker`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON dispatchers TO webhooks_worker`,
];

/**
 * Both partitioned tables are cut by their UUIDv7 key, whose first 48 bits are the millisecond, so that the key alone
 * tells the partition. The function runs with its owner's rights: the worker may make a day and nothing else. A
 * partition has row-level security and no policy: it is reached through its parent only. A new day is built aside and
 * then attached, which does not stop readers and writers of the other days. What misses every day falls into the
 * default partition, where the worker may count it.
 */
const partitions = [
  `CREATE FUNCTION uuid_floor(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
     SELECT (lpad(to_hex((extract(epoch FROM day::timestamp AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0')
             || '00000000000000000000')::uuid $$`,
  `CREATE FUNCTION create_partitions(first_day date, last_day date) RETURNS void
     LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
   DECLARE parent text; day date; name text;
   BEGIN
     PERFORM pg_advisory_xact_lock(hashtext('quittance.webhooks.partitions'));
     FOREACH parent IN ARRAY ARRAY['messages', 'attempts'] LOOP
       FOR day IN SELECT first_day + n FROM generate_series(0, last_day - first_day) n LOOP
         name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
         CONTINUE WHEN to_regclass(name) IS NOT NULL;
         EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
         EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
         EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
         EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                        parent, name, uuid_floor(day), uuid_floor(day + 1));
       END LOOP;
     END LOOP;
   END $$`,
  `REVOKE ALL ON FUNCTION create_partitions(date, date) FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION create_partitions(date, date) TO webhooks_worker`,
  ...['messages', 'attempts'].flatMap((table) => [
    `CREATE TABLE ${table}_default PARTITION OF ${table} DEFAULT`,
    ...tenantTable('webhooks', `${table}_default`, { app: '', worker: 'SELECT' }),
  ]),
  `SELECT create_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7)`,
];

export class CreateWebhooks1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...createKitTables('webhooks'), ...tables, ...access, ...partitions]) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
