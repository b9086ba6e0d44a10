import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const refunds = [
  `CREATE TABLE refunds (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     version integer NOT NULL CONSTRAINT refunds_version_positive CHECK (version > 0),
     payment_id uuid NOT NULL,
     state text NOT NULL CONSTRAINT refunds_state CHECK (state IN ('requested', 'pending_approval', 'approved',
       'rejected', 'processing', 'unknown', 'succeeded', 'failed', 'cancelled', 'converted')),
     amount_minor bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT refunds_currency CHECK (currency ~ '^[A-Z]{3}$'),
     destination text NOT NULL CONSTRAINT refunds_destination
       CHECK (destination IN ('original_method', 'ach', 'check')),
     reason text NOT NULL,
     requested_by text NOT NULL,
     decided_by text,
     provider text,
     charge_ref text,
     provider_ref text,
     attempt_no integer NOT NULL CONSTRAINT refunds_attempt_no CHECK (attempt_no >= 0),
     failure jsonb,
     disbursement_id uuid,
     note text,
     business_on date,
     checks integer NOT NULL,
     next_check_at timestamptz,
     alarmed_at timestamptz,
     effective_on date,
     created_at timestamptz NOT NULL,
     submitted_at timestamptz,
     finished_at timestamptz,
     CONSTRAINT refunds_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT refunds_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
     CONSTRAINT refunds_second_person CHECK (state <> 'approved' OR decided_by <> requested_by),
     CONSTRAINT refunds_sent_to_somebody CHECK (attempt_no = 0 OR (provider IS NOT NULL AND charge_ref IS NOT NULL)),
     CONSTRAINT refunds_finished CHECK (state = 'converted'
       OR (finished_at IS NOT NULL) = (state IN ('rejected', 'succeeded', 'failed', 'cancelled'))),
     CONSTRAINT refunds_paid_has_date CHECK (state <> 'succeeded'
       OR (effective_on IS NOT NULL AND provider_ref IS NOT NULL)),
     CONSTRAINT refunds_failed_has_reason CHECK (state <> 'failed' OR failure IS NOT NULL),
     CONSTRAINT refunds_converted_has_check CHECK (state <> 'converted' OR disbursement_id IS NOT NULL)
   )`,
  `CREATE INDEX refunds_of_payment ON refunds (tenant_id, payment_id, id)`,
  // A provider's word names our key and no tenant, and the sweeps take the oldest work of all tenants.
  `CREATE INDEX refunds_named ON refunds (id)`,
  `CREATE INDEX refunds_to_send ON refunds (created_at) WHERE state IN ('requested', 'approved')`,
  `CREATE INDEX refunds_to_check ON refunds (next_check_at) WHERE next_check_at IS NOT NULL`,
  ...tenantTable('payments', 'refunds', { worker: 'SELECT, INSERT, UPDATE' }),
];

/** Money that goes back to who paid it. What may go back is the payment's: `payments_refunds_covered`. */
export class CreateRefunds1796200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of refunds) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
