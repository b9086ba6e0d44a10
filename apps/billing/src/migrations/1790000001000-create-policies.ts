import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What is insured, what it costs, and the plan by which that is paid. */
export class CreatePolicies1790000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  // Who may own money that names no policy. A table, so that `policies` has no index but its key.
  `CREATE TABLE policyholders (
     tenant_id uuid NOT NULL,
     locator text NOT NULL CONSTRAINT policyholders_locator_length CHECK (length(locator) BETWEEN 1 AND 64),
     CONSTRAINT policyholders_pk PRIMARY KEY (tenant_id, locator)
   )`,
  ...tenantTable('billing', 'policyholders'),

  `CREATE TABLE policies (
     tenant_id uuid NOT NULL,
     locator uuid NOT NULL,
     policy_number text NOT NULL CONSTRAINT policies_number_length CHECK (length(policy_number) BETWEEN 1 AND 64),
     policyholder_locator text NOT NULL,
     currency char(3) NOT NULL,
     time_zone text NOT NULL,
     jurisdiction text,
     line text,
     billing_method text NOT NULL
       CONSTRAINT policies_billing_method CHECK (billing_method IN ('direct', 'agency', 'financed')),
     producer_id text,
     financer_id text,
     effective_date date NOT NULL,
     expiration_date date NOT NULL,
     plan text NOT NULL,
     collection text NOT NULL CONSTRAINT policies_collection CHECK (collection IN ('automatic', 'invoice', 'partner')),
     payment_method_id text,
     content_hash bytea NOT NULL CONSTRAINT policies_content_hash_sha256 CHECK (length(content_hash) = 32),
     created_at timestamptz NOT NULL,
     CONSTRAINT policies_pk PRIMARY KEY (tenant_id, locator),
     CONSTRAINT policies_policyholder FOREIGN KEY (tenant_id, policyholder_locator)
       REFERENCES policyholders (tenant_id, locator),
     CONSTRAINT policies_term_not_empty CHECK (expiration_date > effective_date)
   )`,
  ...tenantTable('billing', 'policies'),

  `CREATE TABLE policy_transactions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     number integer NOT NULL CONSTRAINT policy_transactions_number_positive CHECK (number > 0),
     type text NOT NULL CONSTRAINT policy_transactions_type
       CHECK (type IN ('issue', 'endorsement', 'cancellation', 'reinstatement', 'renewal', 'invalidation')),
     state text NOT NULL CONSTRAINT policy_transactions_state CHECK (state IN ('pending', 'applied', 'invalidated')),
     effective_date date NOT NULL,
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT policy_transactions_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT policy_transactions_number UNIQUE (tenant_id, policy_locator, number),
     CONSTRAINT policy_transactions_policy FOREIGN KEY (tenant_id, policy_locator)
       REFERENCES policies (tenant_id, locator)
   )`,
  ...tenantTable('billing', 'policy_transactions'),

  `CREATE TABLE charges (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     transaction_id uuid NOT NULL,
     position integer NOT NULL,
     category text NOT NULL CONSTRAINT charges_category CHECK (category IN ('premium', 'tax', 'fee', 'surcharge')),
     code text,
     amount_minor bigint NOT NULL,
     currency char(3) NOT NULL,
     handling text NOT NULL CONSTRAINT charges_handling CHECK (handling IN ('proratable', 'fully_earned', 'flat')),
     CONSTRAINT charges_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT charges_position UNIQUE (tenant_id, transaction_id, position),
     CONSTRAINT charges_transaction FOREIGN KEY (tenant_id, transaction_id)
       REFERENCES policy_transactions (tenant_id, id),
     CONSTRAINT charges_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator)
   )`,
  `CREATE INDEX charges_by_policy ON charges (tenant_id, policy_locator)`,
  ...tenantTable('billing', 'charges'),

  `CREATE TABLE schedules (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     transaction_id uuid NOT NULL,
     plan text NOT NULL,
     state text NOT NULL CONSTRAINT schedules_state
       CHECK (state IN ('draft', 'active', 'on_hold', 'completed', 'superseded', 'cancelled')),
     currency char(3) NOT NULL,
     total_minor bigint NOT NULL,
     paid_through date,
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT schedules_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT schedules_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT schedules_transaction FOREIGN KEY (tenant_id, transaction_id)
       REFERENCES policy_transactions (tenant_id, id)
   )`,
  `CREATE INDEX schedules_by_policy ON schedules (tenant_id, policy_locator, id)`,
  `CREATE UNIQUE INDEX schedules_one_live ON schedules (tenant_id, policy_locator)
     WHERE state IN ('active', 'on_hold')`,
  ...tenantTable('billing', 'schedules'),

  `CREATE TABLE instalments (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     schedule_id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     number integer NOT NULL CONSTRAINT instalments_number_positive CHECK (number > 0),
     due_on date NOT NULL,
     original_due_on date NOT NULL,
     -- The first instant of due_on in the policy's zone: what the due sweep asks for.
     due_at timestamptz NOT NULL,
     period_start date NOT NULL,
     period_end date NOT NULL,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL,
     allocated_minor bigint NOT NULL,
     written_off_minor bigint NOT NULL,
     balance_minor bigint NOT NULL,
     state text NOT NULL CONSTRAINT instalments_state CHECK
       (state IN ('scheduled', 'billed', 'partially_paid', 'paid', 'written_off', 'cancelled', 'superseded')),
     version integer NOT NULL,
     CONSTRAINT instalments_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT instalments_number UNIQUE (tenant_id, schedule_id, number),
     CONSTRAINT instalments_schedule FOREIGN KEY (tenant_id, schedule_id) REFERENCES schedules (tenant_id, id),
     CONSTRAINT instalments_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT instalments_period_not_empty CHECK (period_end > period_start),
     CONSTRAINT instalments_due_never_earlier CHECK (due_on >= original_due_on),
     CONSTRAINT instalments_amount_positive CHECK (amount_minor > 0),
     CONSTRAINT instalments_balance CHECK (balance_minor = amount_minor - allocated_minor - written_off_minor),
     CONSTRAINT instalments_not_overpaid CHECK (balance_minor >= 0 AND allocated_minor >= 0 AND written_off_minor >= 0),
     CONSTRAINT instalments_state_tells_balance CHECK (CASE state
       WHEN 'paid' THEN balance_minor = 0 AND written_off_minor = 0
       WHEN 'partially_paid' THEN allocated_minor > 0 AND balance_minor > 0
       WHEN 'billed' THEN allocated_minor = 0
       WHEN 'scheduled' THEN allocated_minor = 0
       ELSE true END)
   )`,
  `CREATE INDEX instalments_due ON instalments (due_at) WHERE state = 'scheduled'`,
  `CREATE INDEX instalments_due_of_tenant ON instalments (tenant_id, due_at) WHERE state = 'scheduled'`,
  ...tenantTable('billing', 'instalments'),

  `CREATE TABLE instalment_lines (
     tenant_id uuid NOT NULL,
     instalment_id uuid NOT NULL,
     charge_id uuid NOT NULL,
     amount_minor bigint NOT NULL,
     CONSTRAINT instalment_lines_pk PRIMARY KEY (tenant_id, instalment_id, charge_id),
     CONSTRAINT instalment_lines_instalment FOREIGN KEY (tenant_id, instalment_id)
       REFERENCES instalments (tenant_id, id),
     CONSTRAINT instalment_lines_charge FOREIGN KEY (tenant_id, charge_id) REFERENCES charges (tenant_id, id)
   )`,
  `CREATE INDEX instalment_lines_by_charge ON instalment_lines (tenant_id, charge_id)`,
  ...tenantTable('billing', 'instalment_lines'),
];
