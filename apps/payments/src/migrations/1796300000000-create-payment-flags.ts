import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const flags = [
  `CREATE TABLE payment_flags (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_id uuid NOT NULL,
     reason text NOT NULL CONSTRAINT payment_flags_reason CHECK (reason IN ('amount_mismatch', 'contradiction',
       'late_success', 'double_recovery', 'unresolved', 'unmatched_notification', 'paid_twice')),
     amount_minor bigint,
     currency char(3) CONSTRAINT payment_flags_currency CHECK (currency ~ '^[A-Z]{3}$'),
     detail text,
     opened_at timestamptz NOT NULL,
     resolved_at timestamptz,
     resolution text CONSTRAINT payment_flags_resolution CHECK (resolution IN ('reviewed', 'accept_confirmed')),
     resolved_by text,
     CONSTRAINT payment_flags_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT payment_flags_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
     CONSTRAINT payment_flags_amount_whole CHECK ((amount_minor IS NULL) = (currency IS NULL)),
     CONSTRAINT payment_flags_resolved_whole CHECK (num_nonnulls(resolved_at, resolution, resolved_by) IN (0, 3))
   )`,
  // What is said again while a person has not looked yet is the same flag.
  `CREATE UNIQUE INDEX payment_flags_one_open ON payment_flags (tenant_id, payment_id, reason)
     WHERE resolved_at IS NULL`,
  `CREATE INDEX payment_flags_open ON payment_flags (tenant_id, id) WHERE resolved_at IS NULL`,
  `CREATE INDEX payment_flags_of_payment ON payment_flags (tenant_id, payment_id, id)`,
  ...tenantTable('payments', 'payment_flags'),
];

/** What a person has to look at. */
export class CreatePaymentFlags1796300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of flags) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
