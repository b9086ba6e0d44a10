import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What was sent in: once each, by its bytes. Its bytes themselves are kept sealed, in a table of their own. */
const files = [
  `CREATE TABLE files (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     format text NOT NULL,
     name text,
     sha256 bytea NOT NULL CONSTRAINT files_sha256 CHECK (octet_length(sha256) = 32),
     bytes bigint NOT NULL CONSTRAINT files_bytes CHECK (bytes > 0),
     answer jsonb NOT NULL,
     received_at timestamptz NOT NULL,
     CONSTRAINT files_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT files_once UNIQUE (tenant_id, sha256)
   )`,
  ...tenantTable('reconciliation', 'files'),
];

/** Work for people. One open exception of a type for a subject: what is found again is the same piece of work. */
const exceptions = [
  `CREATE TABLE exceptions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     type text NOT NULL,
     subject_type text NOT NULL,
     subject_id text NOT NULL,
     amount_minor bigint,
     currency char(3) CONSTRAINT exceptions_currency CHECK (currency ~ '^[A-Z]{3}$'),
     detail text NOT NULL,
     state text NOT NULL DEFAULT 'open' CONSTRAINT exceptions_state
       CHECK (state IN ('open', 'assigned', 'pending_info', 'resolved', 'written_off', 'auto_closed')),
     opened_at timestamptz NOT NULL,
     due_at timestamptz NOT NULL,
     closed_at timestamptz,
     CONSTRAINT exceptions_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT exceptions_amount CHECK ((amount_minor IS NULL) = (currency IS NULL)),
     CONSTRAINT exceptions_closed CHECK ((closed_at IS NULL) = (state IN ('open', 'assigned', 'pending_info')))
   )`,
  `CREATE UNIQUE INDEX exceptions_open_once ON exceptions (tenant_id, type, subject_type, subject_id)
     WHERE closed_at IS NULL`,
  ...tenantTable('reconciliation', 'exceptions'),
];

/** One side of a match: a line of a bank, a payout, a payment, a remittance, each as large as what is open of it. */
const items = [
  `CREATE TABLE items (
     tenant_id uuid NOT NULL,
     id bigint GENERATED ALWAYS AS IDENTITY,
     set_name text NOT NULL,
     side char(1) NOT NULL CONSTRAINT items_side CHECK (side IN ('A', 'B')),
     source_type text NOT NULL,
     source_id text NOT NULL,
     account text NOT NULL,
     currency char(3) NOT NULL CONSTRAINT items_currency CHECK (currency ~ '^[A-Z]{3}$'),
     amount_minor bigint NOT NULL CONSTRAINT items_amount CHECK (amount_minor <> 0),
     dated_on date NOT NULL,
     reference text,
     second_reference text,
     batch_reference text,
     party text,
     state text NOT NULL DEFAULT 'open' CONSTRAINT items_state CHECK (state IN ('open', 'matched', 'withdrawn')),
     CONSTRAINT items_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT items_source_once UNIQUE (tenant_id, set_name, side, source_type, source_id)
   )`,
  ...tenantTable('reconciliation', 'items'),
];

export class CreateWorkbench1798000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...files, ...exceptions, ...items]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
