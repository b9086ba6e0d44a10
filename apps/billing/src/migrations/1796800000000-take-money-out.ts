import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Money that left a payment: it was refunded, paid out or taken back, and never more of it than there was. */
export class TakeMoneyOut1796800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const appendOnly = { app: 'SELECT', worker: 'SELECT, INSERT' };

const statements = [
  `ALTER TABLE received_payments
     ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
     ADD COLUMN disbursed_minor bigint NOT NULL DEFAULT 0,
     ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0,
     DROP CONSTRAINT received_payments_parts_add_up,
     DROP CONSTRAINT received_payments_parts_not_negative`,
  // The owner's own rows are hidden from it by the forced policies.
  `ALTER TABLE received_payments NO FORCE ROW LEVEL SECURITY`,
  `UPDATE received_payments SET returned_minor = amount_minor WHERE state = 'reversed'`,
  `ALTER TABLE received_payments FORCE ROW LEVEL SECURITY`,
  `ALTER TABLE received_payments
     ADD CONSTRAINT received_payments_parts_not_negative CHECK (
       least(allocated_minor, unapplied_minor, suspended_minor, refunded_minor, disbursed_minor, returned_minor) >= 0),
     -- Every cent is somewhere, or went somewhere.
     ADD CONSTRAINT received_payments_parts_add_up CHECK (allocated_minor + unapplied_minor + suspended_minor
       + refunded_minor + disbursed_minor + returned_minor = amount_minor),
     ADD CONSTRAINT received_payments_reversed_pays_nothing CHECK (
       CASE state WHEN 'reversed' THEN allocated_minor = 0 ELSE returned_minor = 0 END)`,

  `CREATE TABLE refunds (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_locator uuid NOT NULL,
     state text NOT NULL CONSTRAINT refunds_state CHECK (state IN ('made', 'voided')),
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0),
     covered_minor bigint NOT NULL,
     effective_date date NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT refunds_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT refunds_payment FOREIGN KEY (tenant_id, payment_locator)
       REFERENCES received_payments (tenant_id, locator),
     CONSTRAINT refunds_covered CHECK (covered_minor BETWEEN 0 AND amount_minor)
   )`,
  `CREATE INDEX refunds_by_payment ON refunds (tenant_id, payment_locator)`,
  ...tenantTable('billing', 'refunds', { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE' }),

  `CREATE TABLE shortfalls (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_locator uuid NOT NULL,
     policy_locator text,
     policyholder_locator text,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT shortfalls_amount_positive CHECK (amount_minor > 0),
     cause text NOT NULL CONSTRAINT shortfalls_cause CHECK (cause IN ('refund', 'return', 'reversal')),
     effective_date date NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT shortfalls_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT shortfalls_payment FOREIGN KEY (tenant_id, payment_locator)
       REFERENCES received_payments (tenant_id, locator)
   )`,
  `CREATE INDEX shortfalls_by_payment ON shortfalls (tenant_id, payment_locator)`,
  ...tenantTable('billing', 'shortfalls', appendOnly),
];
