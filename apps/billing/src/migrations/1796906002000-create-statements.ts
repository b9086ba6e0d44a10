import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What a policyholder was billed and paid in a period. Every fact is on one statement that stands, and on no other. */
export class CreateStatements1796906002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const appendOnly = { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' };

const statements = [
  `CREATE INDEX policies_by_policyholder ON policies (tenant_id, policyholder_locator)`,
  // The business date: that of the allocation which the money comes from, or goes to.
  `ALTER TABLE unapplied_entries ADD COLUMN effective_date date`,

  `CREATE TABLE statement_counters (
     tenant_id uuid NOT NULL,
     last_number bigint NOT NULL,
     CONSTRAINT statement_counters_pk PRIMARY KEY (tenant_id)
   )`,
  ...tenantTable('billing', 'statement_counters'),

  `CREATE TABLE statements (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     number bigint NOT NULL CONSTRAINT statements_number_positive CHECK (number > 0),
     policyholder_locator text NOT NULL,
     currency char(3) NOT NULL,
     state text NOT NULL CONSTRAINT statements_state CHECK (state IN ('issued', 'superseded')),
     period_start date NOT NULL,
     period_end date NOT NULL,
     opening_minor bigint NOT NULL,
     charges_minor bigint NOT NULL,
     fees_minor bigint NOT NULL,
     payments_minor bigint NOT NULL,
     credits_minor bigint NOT NULL,
     refunds_minor bigint NOT NULL,
     returned_payments_minor bigint NOT NULL,
     return_premium_minor bigint NOT NULL,
     closing_minor bigint NOT NULL,
     due_on date,
     supersedes_id uuid,
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT statements_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT statements_number UNIQUE (tenant_id, number),
     CONSTRAINT statements_policyholder FOREIGN KEY (tenant_id, policyholder_locator)
       REFERENCES policyholders (tenant_id, locator),
     CONSTRAINT statements_supersedes FOREIGN KEY (tenant_id, supersedes_id) REFERENCES statements (tenant_id, id),
     CONSTRAINT statements_period_not_empty CHECK (period_end > period_start),
     CONSTRAINT statements_add_up CHECK (opening_minor + charges_minor + fees_minor - payments_minor - credits_minor
       + refunds_minor + returned_payments_minor - return_premium_minor = closing_minor)
   )`,
  `CREATE INDEX statements_by_policyholder ON statements (tenant_id, policyholder_locator, id)`,
  `CREATE UNIQUE INDEX statements_one_standing ON statements (tenant_id, policyholder_locator, currency, period_start)
     WHERE state = 'issued'`,
  ...tenantTable('billing', 'statements'),

  `CREATE TABLE statement_lines (
     tenant_id uuid NOT NULL,
     statement_id uuid NOT NULL,
     line_no integer NOT NULL,
     kind text NOT NULL CONSTRAINT statement_lines_kind CHECK (kind IN
       ('charge', 'fee', 'payment', 'credit', 'refund', 'returned_payment', 'return_premium')),
     source_type text NOT NULL CONSTRAINT statement_lines_source_type
       CHECK (source_type IN ('invoice', 'payment', 'write_off', 'shortfall')),
     source_id uuid NOT NULL,
     policy_locator uuid,
     on_date date NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT statement_lines_amount_positive CHECK (amount_minor > 0),
     CONSTRAINT statement_lines_pk PRIMARY KEY (tenant_id, statement_id, line_no),
     CONSTRAINT statement_lines_statement FOREIGN KEY (tenant_id, statement_id) REFERENCES statements (tenant_id, id)
   )`,
  `CREATE INDEX statement_lines_by_source ON statement_lines (tenant_id, source_id)`,
  ...tenantTable('billing', 'statement_lines', appendOnly),

  // How far a policyholder's statements have come. Whoever makes the next one locks it.
  `CREATE TABLE statement_accounts (
     tenant_id uuid NOT NULL,
     policyholder_locator text NOT NULL,
     currency char(3) NOT NULL,
     stated_through date,
     closing_minor bigint NOT NULL,
     statement_id uuid,
     CONSTRAINT statement_accounts_pk PRIMARY KEY (tenant_id, policyholder_locator, currency),
     CONSTRAINT statement_accounts_policyholder FOREIGN KEY (tenant_id, policyholder_locator)
       REFERENCES policyholders (tenant_id, locator),
     CONSTRAINT statement_accounts_statement FOREIGN KEY (tenant_id, statement_id)
       REFERENCES statements (tenant_id, id)
   )`,
  ...tenantTable('billing', 'statement_accounts'),

  // How far a tenant's monthly run has come: policyholders up to this one have theirs for the months before that date.
  `CREATE TABLE statement_runs (
     tenant_id uuid NOT NULL,
     period_end date NOT NULL,
     stated_up_to text NOT NULL,
     is_done boolean NOT NULL,
     CONSTRAINT statement_runs_pk PRIMARY KEY (tenant_id)
   )`,
  ...tenantTable('billing', 'statement_runs'),
];
