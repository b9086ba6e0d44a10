import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Subscriptions are charged, period by period: each is a row with an invoice, so that none is charged twice. */
export class ChargeSubscriptions1796905000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `ALTER TABLE subscriptions
     ADD COLUMN billed_count integer NOT NULL DEFAULT 0,
     ADD COLUMN arrears_count integer NOT NULL DEFAULT 0,
     -- Counted in intervals from anchor_on: a down payment has paid for the first one, a pause skips some.
     ADD COLUMN next_index integer NOT NULL DEFAULT 1,
     -- The first instant of next_charge_on in the zone: what the sweep asks for.
     ADD COLUMN next_charge_at timestamptz,
     ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
     ADD COLUMN customer jsonb NOT NULL DEFAULT '{}'`,
  // The owner's own rows are hidden from it by the forced policies.
  `ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY`,
  `UPDATE subscriptions SET next_charge_at = next_charge_on::timestamp AT TIME ZONE 'UTC'`,
  `ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY`,
  `ALTER TABLE subscriptions
     DROP CONSTRAINT subscriptions_next_charge,
     DROP CONSTRAINT subscriptions_collected,
     ADD CONSTRAINT subscriptions_next_charge CHECK (next_charge_on >= anchor_on
       AND (next_charge_on IS NULL OR (status NOT IN ('paused', 'cancelled', 'completed')))),
     ADD CONSTRAINT subscriptions_next_charge_whole CHECK ((next_charge_on IS NULL) = (next_charge_at IS NULL)),
     ADD CONSTRAINT subscriptions_counts CHECK (collected_count >= 0 AND arrears_count >= 0
       AND collected_count + arrears_count <= billed_count AND billed_count <= coalesce(count, billed_count)),
     ADD CONSTRAINT subscriptions_status_tells_counts CHECK (CASE status
       WHEN 'completed' THEN collected_count = count
       WHEN 'past_due' THEN arrears_count > 0
       WHEN 'active' THEN arrears_count = 0
       WHEN 'incomplete' THEN collected_count = 0
       ELSE true END)`,
  `CREATE INDEX subscriptions_due ON subscriptions (next_charge_at) WHERE next_charge_at IS NOT NULL`,
  `CREATE INDEX subscriptions_due_of_tenant ON subscriptions (tenant_id, next_charge_at)
     WHERE next_charge_at IS NOT NULL`,

  // A period is priced by its subscription: no charge of a policy stands behind it.
  `ALTER TABLE invoice_items ALTER COLUMN charge_id DROP NOT NULL`,

  `CREATE TABLE subscription_periods (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     subscription_id uuid NOT NULL,
     number integer NOT NULL CONSTRAINT subscription_periods_number_positive CHECK (number > 0),
     starts_on date NOT NULL,
     ends_on date NOT NULL,
     invoice_id uuid NOT NULL,
     state text NOT NULL CONSTRAINT subscription_periods_state
       CHECK (state IN ('requested', 'waiting', 'invoiced', 'overdue', 'collected', 'voided')),
     attempt integer NOT NULL CONSTRAINT subscription_periods_attempt_positive CHECK (attempt > 0),
     first_on date NOT NULL,
     next_step_at timestamptz,
     failure_code text,
     CONSTRAINT subscription_periods_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT subscription_periods_number UNIQUE (tenant_id, subscription_id, number),
     CONSTRAINT subscription_periods_once UNIQUE (tenant_id, subscription_id, starts_on),
     CONSTRAINT subscription_periods_invoice_once UNIQUE (tenant_id, invoice_id),
     CONSTRAINT subscription_periods_subscription FOREIGN KEY (tenant_id, subscription_id)
       REFERENCES subscriptions (tenant_id, id),
     CONSTRAINT subscription_periods_invoice FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
     CONSTRAINT subscription_periods_half_open CHECK (starts_on < ends_on),
     CONSTRAINT subscription_periods_step CHECK ((next_step_at IS NOT NULL) = (state IN ('waiting', 'invoiced')))
   )`,
  `CREATE INDEX subscription_periods_step_at ON subscription_periods (next_step_at) WHERE next_step_at IS NOT NULL`,
  `CREATE INDEX subscription_periods_step_of_tenant ON subscription_periods (tenant_id, next_step_at)
     WHERE next_step_at IS NOT NULL`,
  ...tenantTable('billing', 'subscription_periods'),
];
