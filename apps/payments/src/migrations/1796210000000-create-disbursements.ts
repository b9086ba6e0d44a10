import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const disbursements = [
  `CREATE TABLE disbursements (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     version integer NOT NULL CONSTRAINT disbursements_version_positive CHECK (version > 0),
     state text NOT NULL CONSTRAINT disbursements_state CHECK (state IN ('draft', 'validated', 'approved', 'rejected',
       'discarded', 'executing', 'executed', 'failed', 'cleared', 'voided', 'stale')),
     request_id uuid,
     refund_id uuid,
     payment_id uuid,
     payee_type text NOT NULL CONSTRAINT disbursements_payee_type CHECK (payee_type IN ('insured', 'producer',
       'financer', 'mortgagee', 'third_party')),
     payee_locator text,
     policy_locator text,
     amount_minor bigint NOT NULL CONSTRAINT disbursements_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT disbursements_currency CHECK (currency ~ '^[A-Z]{3}$'),
     method text NOT NULL CONSTRAINT disbursements_method CHECK (method IN ('check', 'ach', 'original_method')),
     source_type text NOT NULL CONSTRAINT disbursements_source_type CHECK (source_type IN ('unapplied', 'suspense',
       'return_premium', 'refund')),
     source_id text,
     reason text,
     reference text,
     requested_by text,
     approved_by text,
     failure_code text,
     effective_on date,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     CONSTRAINT disbursements_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT disbursements_once_per_request UNIQUE (tenant_id, request_id),
     CONSTRAINT disbursements_reference UNIQUE (tenant_id, reference),
     CONSTRAINT disbursements_refund FOREIGN KEY (tenant_id, refund_id) REFERENCES refunds (tenant_id, id),
     CONSTRAINT disbursements_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
     CONSTRAINT disbursements_asked_once CHECK (num_nonnulls(request_id, refund_id) = 1),
     CONSTRAINT disbursements_refund_whole CHECK ((refund_id IS NULL) = (payment_id IS NULL)),
     CONSTRAINT disbursements_payable CHECK (state IN ('draft', 'discarded') OR method = 'check'),
     CONSTRAINT disbursements_second_person CHECK (approved_by <> requested_by),
     CONSTRAINT disbursements_approved CHECK (approved_by IS NOT NULL
       OR state IN ('draft', 'validated', 'rejected', 'discarded')),
     CONSTRAINT disbursements_paid_has_date CHECK (state NOT IN ('executed', 'cleared', 'voided', 'stale')
       OR (reference IS NOT NULL AND effective_on IS NOT NULL)),
     CONSTRAINT disbursements_failed_has_reason CHECK (state <> 'failed' OR failure_code IS NOT NULL)
   )`,
  // A refund is paid by one cheque at a time, and by no second one once it was paid.
  `CREATE UNIQUE INDEX disbursements_one_per_refund ON disbursements (tenant_id, refund_id)
     WHERE refund_id IS NOT NULL AND state NOT IN ('rejected', 'discarded', 'voided')`,
  `CREATE INDEX disbursements_in_state ON disbursements (tenant_id, state, id)`,
  `CREATE INDEX disbursements_policy ON disbursements (tenant_id, policy_locator, id) WHERE policy_locator IS NOT NULL`,
  // The sweep takes the oldest cheques of all tenants.
  `CREATE INDEX disbursements_uncashed ON disbursements (effective_on) WHERE state = 'executed'`,
  ...tenantTable('payments', 'disbursements', { worker: 'SELECT, INSERT, UPDATE' }),
];

const numbers = [
  `CREATE TABLE check_numbers (
     tenant_id uuid NOT NULL,
     last_number bigint NOT NULL,
     CONSTRAINT check_numbers_pkey PRIMARY KEY (tenant_id)
   )`,
  ...tenantTable('payments', 'check_numbers', { worker: '' }),
];

/** Money that is paid out: what billing asks for, and refunds that no provider can make. */
export class CreateDisbursements1796210000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...disbursements, ...numbers]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
