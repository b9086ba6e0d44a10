import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const disputes = [
  `CREATE TABLE disputes (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     version integer NOT NULL CONSTRAINT disputes_version_positive CHECK (version > 0),
     payment_id uuid NOT NULL,
     provider text NOT NULL,
     provider_ref text NOT NULL,
     stage text NOT NULL CONSTRAINT disputes_stage CHECK (stage IN ('inquiry', 'pre_arbitration', 'chargeback',
       'arbitration')),
     state text NOT NULL CONSTRAINT disputes_state CHECK (state IN ('opened', 'challenged', 'accepted', 'expired',
       'won', 'lost')),
     amount_minor bigint NOT NULL CONSTRAINT disputes_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT disputes_currency CHECK (currency ~ '^[A-Z]{3}$'),
     fee_minor bigint NOT NULL CONSTRAINT disputes_fee_not_negative CHECK (fee_minor >= 0),
     reason_code text NOT NULL,
     evidence_due_at timestamptz,
     double_recovery_minor bigint NOT NULL
       CONSTRAINT disputes_double_recovery CHECK (double_recovery_minor BETWEEN 0 AND amount_minor),
     effective_on date,
     heard_at timestamptz NOT NULL,
     warned_at timestamptz,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     finished_at timestamptz,
     CONSTRAINT disputes_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT disputes_once UNIQUE (tenant_id, provider, provider_ref),
     CONSTRAINT disputes_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
     CONSTRAINT disputes_finished CHECK ((state IN ('won', 'lost')) = (finished_at IS NOT NULL)),
     CONSTRAINT disputes_finished_on CHECK ((finished_at IS NULL) = (effective_on IS NULL))
   )`,
  `CREATE INDEX disputes_of_payment ON disputes (tenant_id, payment_id, id)`,
  `CREATE INDEX disputes_in_state ON disputes (tenant_id, state, id)`,
  // Of all tenants: the sweep takes what is due next.
  `CREATE INDEX disputes_to_warn ON disputes (evidence_due_at) WHERE state = 'opened' AND warned_at IS NULL`,
  ...tenantTable('payments', 'disputes'),
];

/** Claims to the money of posted payments. */
export class CreateDisputes1796300003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of disputes) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
