import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What is done about what is past due, the notices of it with their proof, and which debt had a fee already. */
export class CreateDelinquencies1796903001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE delinquencies (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     -- Of one invoice, where the plan follows each on its own.
     invoice_id uuid,
     plan_id uuid NOT NULL,
     reason text NOT NULL CONSTRAINT delinquencies_reason CHECK (reason IN ('past_due', 'not_taken', 'nsf')),
     state text NOT NULL CONSTRAINT delinquencies_state CHECK (state IN ('pre_grace', 'in_grace', 'notice_issued',
       'lapse_triggered', 'lapsed', 'settled', 'rescinded', 'manual_review', 'closed')),
     currency char(3) NOT NULL,
     balance_minor bigint NOT NULL CONSTRAINT delinquencies_balance CHECK (balance_minor >= 0),
     onset_on date NOT NULL,
     grace_end_on date,
     reminders_sent integer NOT NULL,
     notice_id uuid,
     cancellation_id uuid,
     cancel_on date,
     review_reason text,
     -- When it has to be looked at again, unless something happens before.
     next_at timestamptz,
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT delinquencies_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT delinquencies_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT delinquencies_invoice FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
     CONSTRAINT delinquencies_plan FOREIGN KEY (tenant_id, plan_id) REFERENCES delinquency_plans (tenant_id, id),
     CONSTRAINT delinquencies_cancellation UNIQUE (tenant_id, cancellation_id),
     CONSTRAINT delinquencies_cancellation_has_date CHECK ((cancellation_id IS NULL) = (cancel_on IS NULL))
   )`,
  // One for a policy, or for an invoice of it.
  `CREATE UNIQUE INDEX delinquencies_one_open ON delinquencies (tenant_id, policy_locator, invoice_id)
     NULLS NOT DISTINCT WHERE state NOT IN ('settled', 'rescinded', 'closed')`,
  `CREATE INDEX delinquencies_by_policy ON delinquencies (tenant_id, policy_locator, id)`,
  `CREATE INDEX delinquencies_next ON delinquencies (next_at) WHERE next_at IS NOT NULL`,
  `CREATE INDEX delinquencies_next_of_tenant ON delinquencies (tenant_id, next_at) WHERE next_at IS NOT NULL`,
  // A test clock's day is worked by the app role, too.
  ...tenantTable('billing', 'delinquencies', { worker: 'SELECT, INSERT, UPDATE' }),

  `CREATE TABLE delinquency_notices (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     delinquency_id uuid NOT NULL,
     rule_id uuid NOT NULL,
     state text NOT NULL CONSTRAINT delinquency_notices_state CHECK (state IN ('due', 'mailed', 'returned',
       'withdrawn')),
     announced_on date NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT delinquency_notices_amount CHECK (amount_minor >= 0),
     mailed_at timestamptz,
     mailed_on date,
     proof_ref text,
     channel text,
     effective_on date,
     effective_at timestamptz,
     cure_on date,
     CONSTRAINT delinquency_notices_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT delinquency_notices_delinquency FOREIGN KEY (tenant_id, delinquency_id)
       REFERENCES delinquencies (tenant_id, id),
     CONSTRAINT delinquency_notices_rule FOREIGN KEY (tenant_id, rule_id) REFERENCES delinquency_rules (tenant_id, id),
     CONSTRAINT delinquency_notices_mailed_has_dates CHECK (state <> 'mailed' OR (mailed_at IS NOT NULL
       AND mailed_on IS NOT NULL AND effective_on IS NOT NULL AND effective_at IS NOT NULL AND cure_on IS NOT NULL))
   )`,
  `CREATE INDEX delinquency_notices_by_delinquency ON delinquency_notices (tenant_id, delinquency_id)`,
  ...tenantTable('billing', 'delinquency_notices', { worker: 'SELECT, INSERT, UPDATE' }),

  // A debt or a payment has a fee of one kind at most once.
  `CREATE TABLE assessed_fees (
     tenant_id uuid NOT NULL,
     type text NOT NULL,
     cause_id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     assessed_on date NOT NULL,
     CONSTRAINT assessed_fees_pk PRIMARY KEY (tenant_id, type, cause_id),
     CONSTRAINT assessed_fees_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator)
   )`,
  ...tenantTable('billing', 'assessed_fees', { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' }),

  `ALTER TABLE invoices
     ADD COLUMN delinquency_id uuid,
     ADD CONSTRAINT invoices_delinquency FOREIGN KEY (tenant_id, delinquency_id)
       REFERENCES delinquencies (tenant_id, id)`,
  `CREATE INDEX invoices_past_due ON invoices (tenant_id, due_on)
     WHERE state IN ('open', 'partially_paid') AND delinquency_id IS NULL`,
  `CREATE INDEX invoices_by_delinquency ON invoices (tenant_id, delinquency_id) WHERE delinquency_id IS NOT NULL`,

  `ALTER TABLE collection_attempts ADD COLUMN failure_category text CONSTRAINT collection_attempts_failure_category
     CHECK (failure_category IN ('soft', 'needs_customer', 'hard'))`,
];
