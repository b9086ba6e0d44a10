import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Where received money went. Payments owns the cash; these rows say what it paid. */
export class CreateAllocations1790000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const appendOnly = { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' };

const statements = [
  `CREATE TABLE received_payments (
     tenant_id uuid NOT NULL,
     locator uuid NOT NULL,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT received_payments_amount_positive CHECK (amount_minor > 0),
     state text NOT NULL CONSTRAINT received_payments_state CHECK (state IN ('posted', 'reversed')),
     allocated_minor bigint NOT NULL,
     unapplied_minor bigint NOT NULL,
     suspended_minor bigint NOT NULL,
     effective_date date NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT received_payments_pk PRIMARY KEY (tenant_id, locator),
     CONSTRAINT received_payments_parts_not_negative
       CHECK (allocated_minor >= 0 AND unapplied_minor >= 0 AND suspended_minor >= 0),
     -- Every cent is somewhere, and a payment that was taken back pays nothing.
     CONSTRAINT received_payments_parts_add_up CHECK (allocated_minor + unapplied_minor + suspended_minor =
       CASE state WHEN 'posted' THEN amount_minor ELSE 0 END)
   )`,
  ...tenantTable('billing', 'received_payments'),

  `CREATE TABLE allocations (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     batch_id uuid NOT NULL,
     kind text NOT NULL CONSTRAINT allocations_kind CHECK (kind IN ('apply', 'unapply')),
     reverses_batch_id uuid,
     payment_locator uuid NOT NULL,
     invoice_id uuid NOT NULL,
     item_no integer NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT allocations_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL,
     effective_date date NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT allocations_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT allocations_item_once UNIQUE (tenant_id, batch_id, invoice_id, item_no),
     CONSTRAINT allocations_undone_once UNIQUE (tenant_id, reverses_batch_id, invoice_id, item_no),
     CONSTRAINT allocations_payment FOREIGN KEY (tenant_id, payment_locator)
       REFERENCES received_payments (tenant_id, locator),
     CONSTRAINT allocations_item FOREIGN KEY (tenant_id, invoice_id, item_no)
       REFERENCES invoice_items (tenant_id, invoice_id, item_no),
     CONSTRAINT allocations_unapply_names_batch CHECK ((kind = 'unapply') = (reverses_batch_id IS NOT NULL))
   )`,
  `CREATE INDEX allocations_by_payment ON allocations (tenant_id, payment_locator)`,
  `CREATE INDEX allocations_by_invoice ON allocations (tenant_id, invoice_id)`,
  ...tenantTable('billing', 'allocations', appendOnly),

  `CREATE TABLE unapplied_funds (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     owner_type text NOT NULL CONSTRAINT unapplied_funds_owner_type CHECK (owner_type IN ('policy', 'policyholder')),
     owner_locator text NOT NULL,
     currency char(3) NOT NULL,
     balance_minor bigint NOT NULL CONSTRAINT unapplied_funds_not_negative CHECK (balance_minor >= 0),
     version integer NOT NULL,
     CONSTRAINT unapplied_funds_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT unapplied_funds_owner UNIQUE (tenant_id, owner_type, owner_locator, currency)
   )`,
  ...tenantTable('billing', 'unapplied_funds'),

  `CREATE TABLE unapplied_entries (
     tenant_id uuid NOT NULL,
     fund_id uuid NOT NULL,
     number integer NOT NULL,
     payment_locator uuid NOT NULL,
     delta_minor bigint NOT NULL CONSTRAINT unapplied_entries_not_zero CHECK (delta_minor <> 0),
     recorded_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT unapplied_entries_pk PRIMARY KEY (tenant_id, fund_id, number),
     CONSTRAINT unapplied_entries_fund FOREIGN KEY (tenant_id, fund_id) REFERENCES unapplied_funds (tenant_id, id),
     CONSTRAINT unapplied_entries_payment FOREIGN KEY (tenant_id, payment_locator)
       REFERENCES received_payments (tenant_id, locator)
   )`,
  `CREATE INDEX unapplied_entries_by_payment ON unapplied_entries (tenant_id, payment_locator)`,
  ...tenantTable('billing', 'unapplied_entries', appendOnly),

  `CREATE TABLE suspense_items (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_locator uuid NOT NULL,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT suspense_items_amount_positive CHECK (amount_minor > 0),
     reason text NOT NULL,
     state text NOT NULL CONSTRAINT suspense_items_state CHECK (state IN ('open', 'applied', 'returned')),
     clues jsonb NOT NULL,
     version integer NOT NULL,
     opened_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT suspense_items_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT suspense_items_payment FOREIGN KEY (tenant_id, payment_locator)
       REFERENCES received_payments (tenant_id, locator)
   )`,
  `CREATE INDEX suspense_items_by_payment ON suspense_items (tenant_id, payment_locator)`,
  ...tenantTable('billing', 'suspense_items'),
];
