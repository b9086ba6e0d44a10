import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** A fixed amount every month or quarter. Of a payment link there is at most one. */
export class CreateSubscriptions1796800003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE subscriptions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     link_id uuid,
     status text NOT NULL CONSTRAINT subscriptions_status
       CHECK (status IN ('incomplete', 'active', 'past_due', 'paused', 'cancelled', 'completed')),
     amount_minor bigint NOT NULL CONSTRAINT subscriptions_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL,
     interval text NOT NULL CONSTRAINT subscriptions_interval CHECK (interval IN ('monthly', 'quarterly')),
     count integer CONSTRAINT subscriptions_count_positive CHECK (count > 0),
     collected_count integer NOT NULL DEFAULT 0,
     -- Every charge date is counted from this one, so that none drifts from the end of a month.
     anchor_on date NOT NULL,
     next_charge_on date,
     policy_id text NOT NULL,
     carrier_id text NOT NULL,
     employer_id text NOT NULL,
     payment_method_id uuid,
     review_reason text,
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT subscriptions_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT subscriptions_one_of_a_link UNIQUE (tenant_id, link_id),
     CONSTRAINT subscriptions_collected CHECK (collected_count BETWEEN 0 AND coalesce(count, collected_count)),
     CONSTRAINT subscriptions_next_charge CHECK (
       (next_charge_on IS NULL) = (status IN ('cancelled', 'completed')) AND next_charge_on > anchor_on)
   )`,
  `CREATE INDEX subscriptions_by_carrier ON subscriptions (tenant_id, carrier_id, id)`,
  `CREATE INDEX subscriptions_by_employer ON subscriptions (tenant_id, employer_id, id)`,
  `CREATE INDEX subscriptions_by_policy ON subscriptions (tenant_id, policy_id, id)`,
  `CREATE INDEX subscriptions_by_status ON subscriptions (tenant_id, status, id)`,
  ...tenantTable('billing', 'subscriptions'),
];
