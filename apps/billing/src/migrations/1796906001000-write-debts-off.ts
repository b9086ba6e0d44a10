import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What nobody is asked for any more, and when that was taken back. */
export class WriteDebtsOff1796906001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  // Paid is what owes nothing after a payment: a part of it may have been forgiven or written off before.
  `ALTER TABLE invoices
     DROP CONSTRAINT invoices_state_tells_balance,
     ADD CONSTRAINT invoices_state_tells_balance CHECK (CASE state
       WHEN 'paid' THEN balance_minor = 0
       WHEN 'uncollectible' THEN balance_minor = 0 AND written_off_minor > 0
       WHEN 'partially_paid' THEN allocated_minor > 0 AND balance_minor > 0
       WHEN 'open' THEN allocated_minor = 0
       WHEN 'void' THEN allocated_minor = 0
       ELSE true END)`,
  `ALTER TABLE instalments
     DROP CONSTRAINT instalments_state_tells_balance,
     ADD CONSTRAINT instalments_state_tells_balance CHECK (CASE state
       WHEN 'paid' THEN balance_minor = 0
       WHEN 'written_off' THEN balance_minor = 0 AND written_off_minor > 0
       WHEN 'partially_paid' THEN allocated_minor > 0 AND balance_minor > 0
       WHEN 'billed' THEN allocated_minor = 0
       WHEN 'scheduled' THEN allocated_minor = 0
       ELSE true END)`,

  `CREATE TABLE write_offs (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     invoice_id uuid NOT NULL,
     cause text NOT NULL CONSTRAINT write_offs_cause CHECK (cause IN ('manual', 'tolerance')),
     state text NOT NULL CONSTRAINT write_offs_state CHECK (state IN ('standing', 'reversed')),
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT write_offs_amount_positive CHECK (amount_minor > 0),
     reason text,
     written_off_on date NOT NULL,
     reversed_on date,
     version integer NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT write_offs_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT write_offs_invoice FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
     CONSTRAINT write_offs_reversed_has_date CHECK ((state = 'reversed') = (reversed_on IS NOT NULL))
   )`,
  `CREATE INDEX write_offs_by_invoice ON write_offs (tenant_id, invoice_id)`,
  ...tenantTable('billing', 'write_offs'),

  `CREATE TABLE write_off_items (
     tenant_id uuid NOT NULL,
     write_off_id uuid NOT NULL,
     item_no integer NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT write_off_items_amount_positive CHECK (amount_minor > 0),
     CONSTRAINT write_off_items_pk PRIMARY KEY (tenant_id, write_off_id, item_no),
     CONSTRAINT write_off_items_write_off FOREIGN KEY (tenant_id, write_off_id) REFERENCES write_offs (tenant_id, id)
   )`,
  ...tenantTable('billing', 'write_off_items', { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' }),
];
