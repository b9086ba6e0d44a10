import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const receipts = [
  `CREATE TABLE receipts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     number text NOT NULL,
     payment_id uuid NOT NULL,
     policy_locator text,
     policyholder_locator text,
     amount_minor bigint NOT NULL CONSTRAINT receipts_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT receipts_currency CHECK (currency ~ '^[A-Z]{3}$'),
     paid_on date NOT NULL,
     issued_at timestamptz NOT NULL,
     CONSTRAINT receipts_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT receipts_once_per_payment UNIQUE (tenant_id, payment_id),
     CONSTRAINT receipts_number UNIQUE (tenant_id, number),
     CONSTRAINT receipts_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
   )`,
  ...tenantTable('payments', 'receipts', { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' }),
];

export class CreateReceipts1796110000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of receipts) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
