import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What is owed, and how often its collection was asked for. */
export class CreateInvoices1790000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE invoice_counters (
     tenant_id uuid NOT NULL,
     last_number bigint NOT NULL,
     CONSTRAINT invoice_counters_pk PRIMARY KEY (tenant_id)
   )`,
  ...tenantTable('billing', 'invoice_counters'),

  `CREATE TABLE invoices (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     number bigint NOT NULL CONSTRAINT invoices_number_positive CHECK (number > 0),
     type text NOT NULL CONSTRAINT invoices_type CHECK
       (type IN ('instalment', 'down_payment', 'endorsement', 'fee', 'final', 'catch_up', 'credit_memo')),
     policy_locator uuid NOT NULL,
     instalment_id uuid,
     state text NOT NULL CONSTRAINT invoices_state
       CHECK (state IN ('draft', 'open', 'partially_paid', 'paid', 'void', 'uncollectible')),
     currency char(3) NOT NULL,
     issued_on date NOT NULL,
     due_on date NOT NULL,
     original_due_on date NOT NULL,
     total_minor bigint NOT NULL,
     allocated_minor bigint NOT NULL,
     written_off_minor bigint NOT NULL,
     balance_minor bigint NOT NULL,
     version integer NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT invoices_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT invoices_number UNIQUE (tenant_id, number),
     CONSTRAINT invoices_instalment_once UNIQUE (tenant_id, instalment_id),
     CONSTRAINT invoices_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT invoices_instalment FOREIGN KEY (tenant_id, instalment_id) REFERENCES instalments (tenant_id, id),
     CONSTRAINT invoices_balance CHECK (balance_minor = total_minor - allocated_minor - written_off_minor),
     CONSTRAINT invoices_not_overpaid CHECK (balance_minor >= 0 AND allocated_minor >= 0 AND written_off_minor >= 0),
     CONSTRAINT invoices_state_tells_balance CHECK (CASE state
       WHEN 'paid' THEN balance_minor = 0 AND written_off_minor = 0
       WHEN 'partially_paid' THEN allocated_minor > 0 AND balance_minor > 0
       WHEN 'open' THEN allocated_minor = 0
       WHEN 'void' THEN allocated_minor = 0
       ELSE true END)
   )`,
  `CREATE INDEX invoices_by_policy ON invoices (tenant_id, policy_locator, id)`,
  `CREATE INDEX invoices_open ON invoices (tenant_id, policy_locator, due_on)
     WHERE state IN ('open', 'partially_paid')`,
  ...tenantTable('billing', 'invoices'),

  `CREATE TABLE invoice_items (
     tenant_id uuid NOT NULL,
     invoice_id uuid NOT NULL,
     item_no integer NOT NULL,
     charge_id uuid NOT NULL,
     category text NOT NULL,
     code text,
     amount_minor bigint NOT NULL,
     allocated_minor bigint NOT NULL,
     CONSTRAINT invoice_items_pk PRIMARY KEY (tenant_id, invoice_id, item_no),
     CONSTRAINT invoice_items_invoice FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
     CONSTRAINT invoice_items_charge FOREIGN KEY (tenant_id, charge_id) REFERENCES charges (tenant_id, id),
     CONSTRAINT invoice_items_not_overpaid CHECK
       (allocated_minor BETWEEN least(0, amount_minor) AND greatest(0, amount_minor))
   )`,
  ...tenantTable('billing', 'invoice_items'),

  `CREATE TABLE collection_attempts (
     tenant_id uuid NOT NULL,
     instalment_id uuid NOT NULL,
     attempt_no integer NOT NULL CONSTRAINT collection_attempts_no_positive CHECK (attempt_no > 0),
     policy_locator uuid NOT NULL,
     state text NOT NULL CONSTRAINT collection_attempts_state
       CHECK (state IN ('waiting', 'requested', 'posted', 'failed', 'cancelled')),
     next_attempt_on date NOT NULL,
     -- The first instant of next_attempt_on in the policy's zone: what the due sweep asks for.
     next_attempt_at timestamptz NOT NULL,
     failure_code text,
     CONSTRAINT collection_attempts_pk PRIMARY KEY (tenant_id, instalment_id, attempt_no),
     CONSTRAINT collection_attempts_instalment FOREIGN KEY (tenant_id, instalment_id)
       REFERENCES instalments (tenant_id, id),
     CONSTRAINT collection_attempts_policy FOREIGN KEY (tenant_id, policy_locator)
       REFERENCES policies (tenant_id, locator)
   )`,
  `CREATE UNIQUE INDEX collection_attempts_one_open ON collection_attempts (tenant_id, instalment_id)
     WHERE state IN ('waiting', 'requested')`,
  `CREATE INDEX collection_attempts_waiting ON collection_attempts (next_attempt_at) WHERE state = 'waiting'`,
  `CREATE INDEX collection_attempts_waiting_of_tenant ON collection_attempts (tenant_id, next_attempt_at)
     WHERE state = 'waiting'`,
  ...tenantTable('billing', 'collection_attempts'),
];
