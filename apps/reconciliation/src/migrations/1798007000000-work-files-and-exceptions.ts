import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const ADD_ONLY = { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' };

/**
 * tenant_keys  a tenant's data key, sealed by SECRETS_KEY
 * file_chunks  the bytes of a file as they came, sealed under it, a mebibyte at most in a row
 * file_reads   who was given the bytes of a file or an address of them, and when
 */
const files = [
  `CREATE TABLE tenant_keys (
     tenant_id uuid NOT NULL,
     id integer NOT NULL CONSTRAINT tenant_keys_id CHECK (id BETWEEN 1 AND 65535),
     wrapped bytea NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT tenant_keys_pkey PRIMARY KEY (tenant_id, id)
   )`,
  ...tenantTable('reconciliation', 'tenant_keys', ADD_ONLY),
  `CREATE TABLE file_chunks (
     tenant_id uuid NOT NULL,
     file_id uuid NOT NULL,
     n integer NOT NULL,
     sealed bytea NOT NULL,
     CONSTRAINT file_chunks_pkey PRIMARY KEY (tenant_id, file_id, n),
     CONSTRAINT file_chunks_file_fkey FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id)
   )`,
  // It is random to a compressor, which would only take time.
  `ALTER TABLE file_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL`,
  ...tenantTable('reconciliation', 'file_chunks', ADD_ONLY),
  `CREATE TABLE file_reads (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     file_id uuid NOT NULL,
     kind text NOT NULL CONSTRAINT file_reads_kind CHECK (kind IN ('read', 'address_given', 'address_used')),
     reader text NOT NULL,
     at timestamptz NOT NULL,
     CONSTRAINT file_reads_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT file_reads_file_fkey FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id)
   )`,
  `CREATE INDEX file_reads_file ON file_reads (tenant_id, file_id, id)`,
  ...tenantTable('reconciliation', 'file_reads', ADD_ONLY),
];

/**
 * What people do with an exception, and every step of it for good. A list's filter that finds few has an index of its
 * own; the order of ids is that of time.
 */
const exceptions = [
  `ALTER TABLE exceptions
     ADD COLUMN version integer NOT NULL DEFAULT 1,
     ADD COLUMN assignee text,
     ADD COLUMN resolution text,
     ADD COLUMN reopened integer NOT NULL DEFAULT 0,
     ADD CONSTRAINT exceptions_assigned CHECK (state <> 'assigned' OR assignee IS NOT NULL),
     ADD CONSTRAINT exceptions_resolution CHECK ((resolution IS NOT NULL) = (closed_at IS NOT NULL))`,
  `CREATE INDEX exceptions_by_state ON exceptions (tenant_id, state, id)`,
  `CREATE INDEX exceptions_by_type ON exceptions (tenant_id, type, id)`,
  `CREATE INDEX exceptions_by_assignee ON exceptions (tenant_id, assignee, id) WHERE assignee IS NOT NULL`,
  `CREATE INDEX exceptions_by_subject ON exceptions (tenant_id, subject_id, subject_type, id)`,
  `CREATE INDEX exceptions_ageing ON exceptions (tenant_id, opened_at, type, due_at) WHERE closed_at IS NULL`,
  `CREATE TABLE exception_events (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL DEFAULT uuidv7(),
     exception_id uuid NOT NULL,
     action text NOT NULL,
     state text NOT NULL,
     actor text,
     assignee text,
     resolution text,
     note text,
     at timestamptz NOT NULL,
     CONSTRAINT exception_events_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT exception_events_exception_fkey FOREIGN KEY (tenant_id, exception_id)
       REFERENCES exceptions (tenant_id, id)
   )`,
  `CREATE INDEX exception_events_exception ON exception_events (tenant_id, exception_id, id)`,
  ...tenantTable('reconciliation', 'exception_events', ADD_ONLY),
  `CREATE FUNCTION exception_events_are_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'the history of exceptions is append-only' USING ERRCODE = 'restrict_violation';
   END $$`,
  `CREATE TRIGGER exception_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exception_events
     FOR EACH STATEMENT EXECUTE FUNCTION exception_events_are_for_good()`,
];

/**
 * What is not looked for any more: asked for by one, allowed by others, then booked; undone when its exception is
 * opened again, and then its entry is mirrored. One that counts for an exception.
 */
const writeOffs = [
  `CREATE TABLE exception_write_offs (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     exception_id uuid NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT exception_write_offs_amount CHECK (amount_minor <> 0),
     currency char(3) NOT NULL CONSTRAINT exception_write_offs_currency CHECK (currency ~ '^[A-Z]{3}$'),
     role text NOT NULL,
     is_small boolean NOT NULL,
     reason text NOT NULL,
     requested_by text NOT NULL,
     requested_at timestamptz NOT NULL,
     approvals_needed smallint NOT NULL,
     approved_by text[] NOT NULL DEFAULT '{}',
     state text NOT NULL CONSTRAINT exception_write_offs_state
       CHECK (state IN ('pending', 'done', 'withdrawn', 'undone')),
     done_on date,
     undone_on date,
     booked_at timestamptz,
     mirrored_at timestamptz,
     CONSTRAINT exception_write_offs_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT exception_write_offs_exception_fkey FOREIGN KEY (tenant_id, exception_id)
       REFERENCES exceptions (tenant_id, id),
     CONSTRAINT exception_write_offs_independent CHECK (NOT requested_by = ANY (approved_by)),
     CONSTRAINT exception_write_offs_allowed
       CHECK (state IN ('pending', 'withdrawn') OR cardinality(approved_by) >= approvals_needed),
     CONSTRAINT exception_write_offs_dated CHECK ((done_on IS NULL) = (state IN ('pending', 'withdrawn')))
   )`,
  `CREATE UNIQUE INDEX exception_write_offs_once ON exception_write_offs (tenant_id, exception_id)
     WHERE state IN ('pending', 'done')`,
  `CREATE INDEX exception_write_offs_to_book ON exception_write_offs (requested_at)
     WHERE state IN ('done', 'undone') AND booked_at IS NULL`,
  `CREATE INDEX exception_write_offs_to_mirror ON exception_write_offs (requested_at)
     WHERE state = 'undone' AND mirrored_at IS NULL`,
  ...tenantTable('reconciliation', 'exception_write_offs'),
];

/**
 * invariant_looks    when each check last looked, at everybody's books at once: of no tenant
 * invariant_results  where one does not hold; a tenant without a row has nothing wrong
 */
const invariants = [
  `CREATE TABLE invariant_looks (
     invariant text NOT NULL CONSTRAINT invariant_looks_pkey PRIMARY KEY,
     checked_at timestamptz NOT NULL
   )`,
  `GRANT SELECT ON invariant_looks TO reconciliation_app`,
  `GRANT SELECT, INSERT, UPDATE ON invariant_looks TO reconciliation_worker`,
  `CREATE TABLE invariant_results (
     tenant_id uuid NOT NULL,
     invariant text NOT NULL,
     violations integer NOT NULL CONSTRAINT invariant_results_violations CHECK (violations > 0),
     subjects text[] NOT NULL,
     checked_at timestamptz NOT NULL,
     CONSTRAINT invariant_results_pkey PRIMARY KEY (tenant_id, invariant)
   )`,
  ...tenantTable('reconciliation', 'invariant_results', { app: 'SELECT' }),
];

export class WorkFilesAndExceptions1798007000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...files, ...exceptions, ...writeOffs, ...invariants]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
