import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What a tenant decides about its billing; one without a row has the defaults. */
export class CreateBillingSettings1796906000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE billing_settings (
     tenant_id uuid NOT NULL,
     invoice_order text NOT NULL CONSTRAINT billing_settings_invoice_order
       CHECK (invoice_order IN ('due_date', 'oldest_issue', 'policy')),
     item_order text NOT NULL CONSTRAINT billing_settings_item_order
       CHECK (item_order IN ('pro_rata', 'tax_first', 'fee_first', 'premium_first')),
     -- Minor units by currency, as text.
     tolerances jsonb NOT NULL,
     disburse_excess boolean NOT NULL,
     exclude_debits text NOT NULL CONSTRAINT billing_settings_exclude_debits
       CHECK (exclude_debits IN ('none', 'pastDueInvoices', 'allInvoices', 'invoicesAndUnbilledInstalments')),
     excess_floors jsonb NOT NULL,
     statement_cycle text NOT NULL CONSTRAINT billing_settings_statement_cycle
       CHECK (statement_cycle IN ('off', 'monthly')),
     suspense_aged_after_days integer CONSTRAINT billing_settings_suspense_aged_after_days
       CHECK (suspense_aged_after_days > 0),
     updated_at timestamptz NOT NULL,
     CONSTRAINT billing_settings_pk PRIMARY KEY (tenant_id)
   )`,
  ...tenantTable('billing', 'billing_settings', { worker: 'SELECT' }),
];
