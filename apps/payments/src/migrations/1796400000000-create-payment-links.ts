import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const links = [
  `CREATE TABLE payment_links (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     version integer NOT NULL CONSTRAINT payment_links_version_positive CHECK (version > 0),
     key_id text NOT NULL,
     status text NOT NULL CONSTRAINT payment_links_status CHECK (status IN ('active', 'processing', 'completed',
       'expired', 'cancelled', 'refunded', 'partially_refunded')),
     payment_type text NOT NULL CONSTRAINT payment_links_payment_type
       CHECK (payment_type IN ('down_payment', 'late_payment', 'extra_payment', 'installment')),
     amount_minor bigint NOT NULL CONSTRAINT payment_links_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT payment_links_currency CHECK (currency ~ '^[A-Z]{3}$'),
     policy_id text NOT NULL,
     carrier_id text NOT NULL,
     employer_id text NOT NULL,
     customer jsonb NOT NULL,
     plan_count integer CONSTRAINT payment_links_plan_count CHECK (plan_count > 0),
     plan_interval text CONSTRAINT payment_links_plan_interval CHECK (plan_interval IN ('monthly', 'quarterly')),
     plan_per_installment_minor bigint CONSTRAINT payment_links_plan_amount CHECK (plan_per_installment_minor > 0),
     metadata jsonb NOT NULL,
     invoice_locator text,
     payee_name text,
     due_on date,
     payment_id uuid,
     attempts integer NOT NULL CONSTRAINT payment_links_attempts CHECK (attempts >= 0),
     amount_refunded_minor bigint NOT NULL,
     payment_method_id uuid,
     subscription_id uuid,
     expires_at timestamptz NOT NULL,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     viewed_at timestamptz,
     completed_at timestamptz,
     CONSTRAINT payment_links_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT payment_links_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
     CONSTRAINT payment_links_payment_method FOREIGN KEY (tenant_id, payment_method_id)
       REFERENCES payment_methods (tenant_id, id),
     CONSTRAINT payment_links_plan_whole
       CHECK (num_nonnulls(plan_count, plan_interval, plan_per_installment_minor) IN (0, 3)),
     CONSTRAINT payment_links_paid_by_one
       CHECK (status IN ('active', 'expired', 'cancelled') OR payment_id IS NOT NULL),
     CONSTRAINT payment_links_completed_has_date
       CHECK ((status IN ('completed', 'refunded', 'partially_refunded')) = (completed_at IS NOT NULL)),
     CONSTRAINT payment_links_refunds_covered
       CHECK (amount_refunded_minor >= 0 AND amount_refunded_minor <= amount_minor),
     CONSTRAINT payment_links_refunds_told CHECK (status = CASE
       WHEN completed_at IS NULL OR amount_refunded_minor = 0 THEN status
       WHEN amount_refunded_minor = amount_minor THEN 'refunded' ELSE 'partially_refunded' END)
   )`,
  `CREATE INDEX payment_links_carrier ON payment_links (tenant_id, carrier_id, id)`,
  `CREATE INDEX payment_links_employer ON payment_links (tenant_id, employer_id, id)`,
  `CREATE INDEX payment_links_policy ON payment_links (tenant_id, policy_id, id)`,
  `CREATE INDEX payment_links_by_status ON payment_links (tenant_id, status, id)`,
  `CREATE INDEX payment_links_invoice ON payment_links (tenant_id, invoice_locator)
     WHERE status = 'active' AND invoice_locator IS NOT NULL`,
  `CREATE INDEX payment_links_expiry ON payment_links (expires_at) WHERE status = 'active'`,
  ...tenantTable('payments', 'payment_links'),
];

const payments = [
  `ALTER TABLE payments
     ADD CONSTRAINT payments_of_link FOREIGN KEY (tenant_id, link_id) REFERENCES payment_links (tenant_id, id)`,
  // One payment of a link is asked for at a time, and one is kept: what comes beyond it is posted to suspense.
  `CREATE UNIQUE INDEX payments_one_open_per_link ON payments (tenant_id, link_id)
     WHERE link_id IS NOT NULL AND state IN ('ready', 'processing', 'requires_action', 'authorised')`,
  `CREATE UNIQUE INDEX payments_one_kept_per_link ON payments (tenant_id, link_id)
     WHERE link_id IS NOT NULL AND state = 'posted' AND NOT to_suspense`,
  `CREATE INDEX payments_beyond_link ON payments (tenant_id, id)
     WHERE link_id IS NOT NULL AND state = 'posted' AND to_suspense`,
];

/** Links that are paid once on a hosted page. */
export class CreatePaymentLinks1796400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...links, ...payments]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
