import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createKitTables } from '@quittance/service-kit/database/kit-tables';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** No role may change or remove what is booked; HTTP only reads. */
const READ_AND_ADD = { app: 'SELECT', worker: 'SELECT, INSERT' };

const accounts = [
  `CREATE TABLE accounts (
     tenant_id uuid NOT NULL,
     code text NOT NULL CONSTRAINT accounts_code CHECK (code ~ '^[0-9]{4}$'),
     role text NOT NULL,
     type text NOT NULL CONSTRAINT accounts_type CHECK (type IN ('asset', 'liability', 'revenue', 'expense')),
     CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, code),
     CONSTRAINT accounts_role_unique UNIQUE (tenant_id, role)
   )`,
  ...tenantTable('reconciliation', 'accounts', READ_AND_ADD),
];

const entries = [
  `CREATE TABLE journal_entries (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     seq bigint GENERATED ALWAYS AS IDENTITY,
     kind text NOT NULL,
     source_type text NOT NULL,
     source_id text NOT NULL,
     effective_on date NOT NULL,
     posted_at timestamptz NOT NULL,
     reverses uuid,
     CONSTRAINT journal_entries_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT journal_entries_source_unique UNIQUE (tenant_id, source_type, source_id, kind),
     CONSTRAINT journal_entries_reverses_once UNIQUE (tenant_id, reverses),
     CONSTRAINT journal_entries_reverses_fkey FOREIGN KEY (tenant_id, reverses)
       REFERENCES journal_entries (tenant_id, id)
   )`,
  `CREATE INDEX journal_entries_posted_at ON journal_entries USING brin (posted_at)`,
  ...tenantTable('reconciliation', 'journal_entries', READ_AND_ADD),
  `CREATE TABLE journal_lines (
     tenant_id uuid NOT NULL,
     entry_id uuid NOT NULL,
     n smallint NOT NULL,
     account text NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT journal_lines_amount_not_zero CHECK (amount_minor <> 0),
     currency char(3) NOT NULL CONSTRAINT journal_lines_currency CHECK (currency ~ '^[A-Z]{3}$'),
     policy_locator text,
     payment_locator text,
     invoice_locator text,
     CONSTRAINT journal_lines_pkey PRIMARY KEY (tenant_id, entry_id, n),
     CONSTRAINT journal_lines_entry_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES journal_entries (tenant_id, id),
     CONSTRAINT journal_lines_account_fkey FOREIGN KEY (tenant_id, account) REFERENCES accounts (tenant_id, code)
   )`,
  `CREATE INDEX journal_lines_policy ON journal_lines (tenant_id, policy_locator, entry_id)
     WHERE policy_locator IS NOT NULL`,
  `CREATE INDEX journal_lines_payment ON journal_lines (tenant_id, payment_locator, entry_id)
     WHERE payment_locator IS NOT NULL`,
  `CREATE INDEX journal_lines_account ON journal_lines (tenant_id, currency, account) INCLUDE (amount_minor)`,
  ...tenantTable('reconciliation', 'journal_lines', READ_AND_ADD),
];

/**
 * The domain refuses an unbalanced entry; should it ever let one pass, the database does not. An entry's lines come in
 * one statement, for there is only one line 1: a booked entry cannot grow by lines that balance among themselves.
 */
const guards = [
  `CREATE FUNCTION journal_lines_balance() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF EXISTS (SELECT 1 FROM added GROUP BY tenant_id, entry_id, currency HAVING sum(amount_minor) <> 0) THEN
       RAISE EXCEPTION 'a journal entry does not balance'
         USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_lines_balance';
     END IF;
     IF EXISTS (SELECT 1 FROM added GROUP BY tenant_id, entry_id HAVING min(n) <> 1) THEN
       RAISE EXCEPTION 'a booked entry takes no more lines'
         USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_lines_at_once';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER journal_lines_balance AFTER INSERT ON journal_lines
     REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_balance()`,
  `CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'the journal is append-only: post a reversing entry' USING ERRCODE = 'restrict_violation';
   END $$`,
  ...['journal_entries', 'journal_lines'].map(
    (table) => `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()`,
  ),
];

const testClock = [
  `CREATE TABLE test_clock_days (
     tenant_id uuid NOT NULL,
     business_on date NOT NULL,
     sequence integer NOT NULL,
     reconciled_at timestamptz NOT NULL,
     CONSTRAINT test_clock_days_pkey PRIMARY KEY (tenant_id, business_on),
     CONSTRAINT test_clock_days_sequence_unique UNIQUE (tenant_id, sequence)
   )`,
  ...tenantTable('reconciliation', 'test_clock_days', { app: '', worker: 'SELECT, INSERT' }),
];

export class CreateLedger1795300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const statements = [...createKitTables('reconciliation'), ...accounts, ...entries, ...guards, ...testClock];
    for (const sql of statements) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
