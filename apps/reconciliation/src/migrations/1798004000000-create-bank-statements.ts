import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** An account at a bank, as statements name it. Its row is the lock of everything that is read for it. */
const accounts = [
  `CREATE TABLE bank_accounts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     number text NOT NULL,
     currency char(3) NOT NULL CONSTRAINT bank_accounts_currency CHECK (currency ~ '^[A-Z]{3}$'),
     bank text,
     first_seen_at timestamptz NOT NULL,
     CONSTRAINT bank_accounts_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT bank_accounts_once UNIQUE (tenant_id, number, currency)
   )`,
  ...tenantTable('reconciliation', 'bank_accounts'),
];

/** Once each, by what it says: the same statement in another file is the same. */
const statements = [
  `CREATE TABLE bank_statements (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     file_id uuid NOT NULL,
     account_id uuid NOT NULL,
     format text NOT NULL,
     kind text NOT NULL CONSTRAINT bank_statements_kind CHECK (kind IN ('statement', 'interim', 'notification')),
     sequence text,
     reference text,
     from_on date,
     to_on date NOT NULL,
     currency char(3) NOT NULL,
     opening_minor bigint,
     closing_minor bigint,
     movement_minor bigint NOT NULL,
     lines int NOT NULL,
     state text NOT NULL
       CONSTRAINT bank_statements_state CHECK (state IN ('balanced', 'unproven', 'unbalanced', 'accepted')),
     faults text[] NOT NULL,
     warnings text[] NOT NULL,
     content bytea NOT NULL CONSTRAINT bank_statements_content CHECK (octet_length(content) = 32),
     accepted_by text,
     accepted_reason text,
     received_at timestamptz NOT NULL,
     CONSTRAINT bank_statements_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT bank_statements_once UNIQUE (tenant_id, account_id, content),
     CONSTRAINT bank_statements_account_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES bank_accounts,
     CONSTRAINT bank_statements_tie CHECK (state <> 'balanced' OR opening_minor + movement_minor = closing_minor),
     CONSTRAINT bank_statements_accepted CHECK ((state = 'accepted') = (accepted_reason IS NOT NULL))
   )`,
  'CREATE INDEX bank_statements_chain ON bank_statements (tenant_id, account_id, to_on, id)',
  ...tenantTable('reconciliation', 'bank_statements'),
];

/**
 * Lines of an account, each once however many statements say it. A line that is released is money that may be matched;
 * one that is a credit is a deposit. Texts of banks name people: they stay in this table.
 */
const lines = [
  `CREATE TABLE bank_lines (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     account_id uuid NOT NULL,
     statement_id uuid NOT NULL,
     position int NOT NULL,
     parent_id uuid,
     amount_minor bigint NOT NULL,
     currency char(3) NOT NULL,
     booked_on date NOT NULL,
     value_on date,
     end_to_end text,
     creditor_reference text,
     bank_reference text,
     customer_reference text,
     check_number text,
     batch_reference text,
     trn02 text,
     trn03 text,
     type_code text,
     text text NOT NULL,
     is_reversal boolean NOT NULL,
     is_pending boolean NOT NULL,
     key bytea NOT NULL CONSTRAINT bank_lines_key CHECK (octet_length(key) = 32),
     occurrence int NOT NULL,
     released_at timestamptz,
     is_deposit boolean NOT NULL DEFAULT false,
     version int NOT NULL DEFAULT 0,
     party text,
     policy_locator text,
     note text,
     identified_by text,
     identified_at timestamptz,
     CONSTRAINT bank_lines_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT bank_lines_account_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES bank_accounts,
     CONSTRAINT bank_lines_statement_fkey FOREIGN KEY (tenant_id, statement_id) REFERENCES bank_statements,
     CONSTRAINT bank_lines_parent_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES bank_lines,
     CONSTRAINT bank_lines_deposit CHECK (NOT is_deposit OR
       (released_at IS NOT NULL AND amount_minor > 0 AND parent_id IS NULL AND NOT is_pending))
   )`,
  `CREATE UNIQUE INDEX bank_lines_once ON bank_lines (tenant_id, account_id, key, occurrence) WHERE parent_id IS NULL`,
  'CREATE INDEX bank_lines_statement ON bank_lines (tenant_id, statement_id, position)',
  'CREATE INDEX bank_lines_deposits ON bank_lines (tenant_id, id) WHERE is_deposit',
  `CREATE INDEX bank_lines_announced ON bank_lines (tenant_id, account_id, bank_reference) WHERE parent_id IS NULL`,
  'CREATE INDEX bank_lines_parts ON bank_lines (tenant_id, parent_id) WHERE parent_id IS NOT NULL',
  ...tenantTable('reconciliation', 'bank_lines'),
];

export class CreateBankStatements1798004000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...accounts, ...statements, ...lines]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
