import { tenantTable } from './tenant-table.ts';

/**
 * What every service with events keeps in its own schema. Run by the first migration of a service; a later change here
 * is a new function and a new migration, never an edit.
 *
 * event_log        append-only, by day: what was published, and the source of a redrive
 * outbox_queue     narrow: only what waits for the relay; the one table that is deleted from
 * relay_state      the highest stream sequence that the broker acknowledged: how a broker that lost its data is noticed
 * inbox            one row an event that had an effect here, in the transaction of the effect
 * inbox_positions  the last sequence an aggregate's events were taken to: what tells a gap
 * inbox_parked     events that came before their predecessor
 * inbox_failures   how often an event's own handler failed, over restarts
 * consumer_leases  who reads a durable, with a fencing epoch
 */
export function createKitTables(service: string): string[] {
  return [...outboxTables(service), ...inboxTables(service), ...readerTables(service), ...idempotencyTable(service)];
}

function outboxTables(service: string): string[] {
  return [
    `CREATE TABLE event_log (
       seq bigint GENERATED ALWAYS AS IDENTITY,
       logged_at timestamptz NOT NULL DEFAULT now(),
       id uuid NOT NULL,
       tenant_id uuid NOT NULL,
       type text NOT NULL,
       subject text NOT NULL,
       sequence integer NOT NULL CONSTRAINT event_log_sequence_positive CHECK (sequence > 0),
       traceparent text,
       body bytea NOT NULL,
       PRIMARY KEY (logged_at, seq)
     ) PARTITION BY RANGE (logged_at)`,
    ...tenantTable(service, 'event_log', { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' }),
    `CREATE TABLE event_log_default PARTITION OF event_log DEFAULT`,
    `ALTER TABLE event_log_default ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE event_log_default FORCE ROW LEVEL SECURITY`,
    dayPartitions('event_log'),
    `REVOKE ALL ON FUNCTION event_log_partitions(date, integer, integer) FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION event_log_partitions(date, integer, integer) TO ${service}_worker`,
    `SELECT event_log_partitions(current_date, 7, 14)`,

    `CREATE TABLE outbox_queue (seq bigint PRIMARY KEY, logged_at timestamptz NOT NULL)
       WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)`,
    `GRANT INSERT ON outbox_queue TO ${service}_app`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_queue TO ${service}_worker`,

    `CREATE TABLE relay_state (
       stream text PRIMARY KEY,
       last_stream_seq bigint NOT NULL DEFAULT 0,
       amnesia_detected_at timestamptz
     )`,
    `GRANT SELECT, INSERT, UPDATE ON relay_state TO ${service}_worker`,
  ];
}

function inboxTables(service: string): string[] {
  return [
    `CREATE TABLE inbox (
       tenant_id uuid NOT NULL,
       stream text NOT NULL,
       id uuid NOT NULL,
       at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (tenant_id, stream, id)
     )`,
    `CREATE INDEX inbox_at ON inbox USING brin (at)`,
    ...tenantTable(service, 'inbox', { app: '' }),

    `CREATE TABLE inbox_positions (
       tenant_id uuid NOT NULL,
       stream text NOT NULL,
       aggregate text COLLATE "C" NOT NULL,
       sequence integer NOT NULL,
       PRIMARY KEY (tenant_id, stream, aggregate)
     ) WITH (fillfactor = 80)`,
    ...tenantTable(service, 'inbox_positions', { app: '' }),

    `CREATE TABLE inbox_parked (
       tenant_id uuid NOT NULL,
       stream text NOT NULL,
       aggregate text COLLATE "C" NOT NULL,
       sequence integer NOT NULL,
       id uuid NOT NULL,
       subject text NOT NULL,
       traceparent text,
       body bytea NOT NULL,
       parked_at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (tenant_id, stream, aggregate, sequence, id)
     )`,
    ...tenantTable(service, 'inbox_parked', { app: '' }),
  ];
}

/** Without tenants: they say of places in a stream and of readers, not of anybody's data. */
function readerTables(service: string): string[] {
  return [
    `CREATE TABLE inbox_failures (
       stream text NOT NULL,
       stream_seq bigint NOT NULL,
       failures integer NOT NULL DEFAULT 0,
       solitary integer NOT NULL DEFAULT 0,
       error text,
       at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (stream, stream_seq)
     )`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_failures TO ${service}_worker`,

    `CREATE TABLE consumer_leases (
       stream text PRIMARY KEY,
       owner text NOT NULL,
       epoch bigint NOT NULL,
       expires_at timestamptz NOT NULL
     )`,
    `GRANT SELECT, INSERT, UPDATE ON consumer_leases TO ${service}_worker`,
  ];
}

/** Who asked what under which key, and what was answered. Kept 7 days, reaped in batches. */
function idempotencyTable(service: string): string[] {
  return [
    `CREATE TABLE idempotency_keys (
       tenant_id uuid NOT NULL,
       client_id text NOT NULL,
       key text NOT NULL,
       fingerprint bytea NOT NULL,
       state text NOT NULL CONSTRAINT idempotency_keys_state CHECK (state IN ('started', 'done')),
       attempt integer NOT NULL DEFAULT 1,
       lease_until timestamptz NOT NULL,
       operation_id uuid NOT NULL,
       status integer,
       body text,
       created_at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (tenant_id, client_id, key),
       CONSTRAINT idempotency_keys_done_has_answer
         CHECK (state = 'started' OR (status IS NOT NULL AND body IS NOT NULL))
     )`,
    `CREATE INDEX idempotency_keys_created_at ON idempotency_keys USING brin (created_at)`,
    ...tenantTable(service, 'idempotency_keys', { worker: 'SELECT, DELETE' }),
  ];
}

/**
 * A function, run with its owner's rights, that makes the partitions of the coming days and drops those past retention.
 * The worker role may call it and needs no right on the schema. A partition gets row-level security and no policy:
 * it is reached through its parent only.
 */
export function dayPartitions(table: string): string {
  return `CREATE FUNCTION ${table}_partitions(today date, ahead integer, keep_days integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE day date; name text; old record;
    BEGIN
      FOR day IN SELECT today + n FROM generate_series(0, ahead) n LOOP
        name := format('${table}_%s', to_char(day, 'YYYYMMDD'));
        IF to_regclass(name) IS NULL THEN
          EXECUTE format('CREATE TABLE %I PARTITION OF ${table} FOR VALUES FROM (%L) TO (%L)',
            name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
          EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
          EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        END IF;
      END LOOP;
      FOR old IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                  WHERE i.inhparent = '${table}'::regclass AND c.relname ~ '_[0-9]{8}$'
                    AND to_date(right(c.relname, 8), 'YYYYMMDD') < today - keep_days LOOP
        EXECUTE format('DROP TABLE %I', old.relname);
      END LOOP;
    END $$`;
}
