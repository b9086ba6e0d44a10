import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What a person books has a description and an author; what comes after the close of its month keeps its own date. */
const journal = [
  `ALTER TABLE journal_entries
     ADD COLUMN original_effective_on date,
     ADD COLUMN description text,
     ADD COLUMN booked_by text,
     ADD CONSTRAINT journal_entries_moved_forward CHECK (original_effective_on < effective_on)`,
  `ALTER TABLE journal_lines ADD COLUMN party text`,
  // Who reads behind a number reads the entries of all tenants: the one key that has no tenant in it.
  `CREATE UNIQUE INDEX journal_entries_seq ON journal_entries (seq)`,
  `CREATE INDEX journal_entries_effective_on ON journal_entries (tenant_id, effective_on, id)`,
  // Totals come from roll-ups now; what is left to find by account is entries.
  `DROP INDEX journal_lines_account`,
  `CREATE INDEX journal_lines_account ON journal_lines (tenant_id, account, entry_id)`,
  `CREATE INDEX journal_lines_invoice ON journal_lines (tenant_id, invoice_locator) WHERE invoice_locator IS NOT NULL`,
  `CREATE INDEX journal_lines_party ON journal_lines (tenant_id, party) WHERE party IS NOT NULL`,
  `GRANT INSERT ON accounts, journal_entries, journal_lines TO reconciliation_app`,
  `GRANT SELECT ON SEQUENCE journal_entries_seq_seq TO reconciliation_app, reconciliation_worker`,
];

const append = (table: string) => `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()`;

/**
 * Lines added up by account, currency and day, and the entries sealed into a tree of hashes: both to the same number,
 * which `ledger_progress` holds for all tenants. Sums are numeric: one that overflowed would stop the worker for good.
 */
const rolledUp = [
  `CREATE TABLE ledger_progress (
     id boolean PRIMARY KEY DEFAULT true CONSTRAINT ledger_progress_one CHECK (id),
     through_seq bigint NOT NULL
   )`,
  `INSERT INTO ledger_progress (through_seq) VALUES (0)`,
  `GRANT SELECT ON ledger_progress TO reconciliation_app`,
  `GRANT SELECT, UPDATE ON ledger_progress TO reconciliation_worker`,
  `CREATE TABLE balance_days (
     tenant_id uuid NOT NULL,
     account text NOT NULL,
     currency char(3) NOT NULL,
     effective_on date NOT NULL,
     posted_on date NOT NULL,
     debit_minor numeric NOT NULL,
     credit_minor numeric NOT NULL,
     lines bigint NOT NULL,
     CONSTRAINT balance_days_pkey PRIMARY KEY (tenant_id, account, currency, effective_on, posted_on)
   )`,
  ...tenantTable('reconciliation', 'balance_days', { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE' }),
  `CREATE TABLE ledger_batches (
     tenant_id uuid NOT NULL,
     n bigint NOT NULL CONSTRAINT ledger_batches_n CHECK (n > 0),
     first_seq bigint NOT NULL,
     last_seq bigint NOT NULL,
     entries integer NOT NULL CONSTRAINT ledger_batches_entries CHECK (entries > 0),
     size bigint NOT NULL,
     previous_hash bytea NOT NULL,
     hash bytea NOT NULL,
     frontier bytea NOT NULL,
     sealed_at timestamptz NOT NULL,
     CONSTRAINT ledger_batches_pkey PRIMARY KEY (tenant_id, n),
     CONSTRAINT ledger_batches_last_seq_unique UNIQUE (tenant_id, last_seq),
     CONSTRAINT ledger_batches_in_order CHECK (first_seq <= last_seq AND size >= entries),
     CONSTRAINT ledger_batches_sha256 CHECK (octet_length(hash) = 32 AND octet_length(previous_hash) = 32)
   )`,
  append('ledger_batches'),
  ...tenantTable('reconciliation', 'ledger_batches', { app: 'SELECT', worker: 'SELECT, INSERT' }),
];

/** A month without a row is open. The hash is written by the worker, once it has come to the last entry before. */
const periods = [
  `CREATE TABLE periods (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     month date NOT NULL CONSTRAINT periods_month CHECK (extract(day FROM month) = 1),
     state text NOT NULL CONSTRAINT periods_state CHECK (state IN ('soft_closed', 'closed')),
     closed_at timestamptz NOT NULL,
     closed_by text NOT NULL,
     last_seq bigint NOT NULL,
     closing_size bigint,
     closing_hash bytea,
     CONSTRAINT periods_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT periods_month_once UNIQUE (tenant_id, month),
     CONSTRAINT periods_closing CHECK ((closing_size IS NULL) = (closing_hash IS NULL)),
     CONSTRAINT periods_hash_of_closed CHECK (state = 'closed' OR closing_hash IS NULL)
   )`,
  `CREATE INDEX periods_to_seal ON periods (last_seq) WHERE state = 'closed' AND closing_hash IS NULL`,
  ...tenantTable('reconciliation', 'periods', { worker: 'SELECT, UPDATE' }),
];

export class ProveAndCloseLedger1798001000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...journal, ...rolledUp, ...periods]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
