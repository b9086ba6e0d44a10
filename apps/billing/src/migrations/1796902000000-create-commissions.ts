import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What is agreed with producers, what each term of a policy brings them, and every change of that. */
export class CreateCommissions1796902000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const appendOnly = { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' };

const statements = [
  `CREATE TABLE commission_agreements (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     producer_id text NOT NULL,
     -- Millionths of the basis: exact to a hundredth of a basis point.
     rate_millionths integer NOT NULL CONSTRAINT commission_agreements_rate
       CHECK (rate_millionths BETWEEN 0 AND 1000000),
     basis text NOT NULL CONSTRAINT commission_agreements_basis CHECK (basis = 'premium'),
     earn text NOT NULL CONSTRAINT commission_agreements_earn CHECK (earn IN ('on_issue', 'on_billing', 'on_payment')),
     effective_from date NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT commission_agreements_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT commission_agreements_once UNIQUE (tenant_id, producer_id, effective_from)
   )`,
  ...tenantTable('billing', 'commission_agreements', appendOnly),

  `CREATE TABLE commission_payouts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     producer_id text NOT NULL,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT commission_payouts_amount_positive CHECK (amount_minor > 0),
     created_at timestamptz NOT NULL,
     CONSTRAINT commission_payouts_pk PRIMARY KEY (tenant_id, id)
   )`,
  `CREATE INDEX commission_payouts_by_producer ON commission_payouts (tenant_id, producer_id, id)`,
  ...tenantTable('billing', 'commission_payouts', appendOnly),

  `CREATE TABLE commissions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     producer_id text NOT NULL,
     policy_locator uuid NOT NULL,
     term_number integer NOT NULL,
     agreement_id uuid NOT NULL,
     rate_millionths integer NOT NULL,
     earn text NOT NULL,
     currency char(3) NOT NULL,
     basis_minor bigint NOT NULL,
     earned_basis_minor bigint NOT NULL,
     reserved_minor bigint NOT NULL,
     earned_minor bigint NOT NULL,
     paid_minor bigint NOT NULL,
     version integer NOT NULL,
     CONSTRAINT commissions_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT commissions_term_once UNIQUE (tenant_id, policy_locator, term_number),
     CONSTRAINT commissions_term FOREIGN KEY (tenant_id, policy_locator, term_number)
       REFERENCES policy_terms (tenant_id, policy_locator, number),
     CONSTRAINT commissions_agreement FOREIGN KEY (tenant_id, agreement_id)
       REFERENCES commission_agreements (tenant_id, id),
     -- Rounded cumulatively, however many entries brought it here. round() takes halves away from zero.
     CONSTRAINT commissions_are_rate_times_basis CHECK (
       reserved_minor + earned_minor + paid_minor = round(basis_minor::numeric * rate_millionths / 1000000)),
     CONSTRAINT commissions_earned_is_rate_times_basis CHECK (
       earned_minor + paid_minor = round(earned_basis_minor::numeric * rate_millionths / 1000000))
   )`,
  `CREATE INDEX commissions_to_pay ON commissions (tenant_id, producer_id, currency, id) WHERE earned_minor <> 0`,
  ...tenantTable('billing', 'commissions'),

  `CREATE TABLE commission_entries (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     commission_id uuid NOT NULL,
     number integer NOT NULL,
     producer_id text NOT NULL,
     policy_locator uuid NOT NULL,
     state text NOT NULL,
     amount_minor bigint NOT NULL,
     currency char(3) NOT NULL,
     payout_id uuid,
     booked_on date NOT NULL,
     recorded_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT commission_entries_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT commission_entries_number UNIQUE (tenant_id, commission_id, number),
     CONSTRAINT commission_entries_commission FOREIGN KEY (tenant_id, commission_id)
       REFERENCES commissions (tenant_id, id),
     CONSTRAINT commission_entries_payout FOREIGN KEY (tenant_id, payout_id)
       REFERENCES commission_payouts (tenant_id, id),
     CONSTRAINT commission_entries_paid_by_payout CHECK ((state = 'paid') = (payout_id IS NOT NULL)),
     CONSTRAINT commission_entries_sign CHECK (CASE state
       WHEN 'reserved' THEN amount_minor > 0
       WHEN 'clawed_back' THEN amount_minor < 0
       WHEN 'earned' THEN amount_minor <> 0
       WHEN 'paid' THEN amount_minor <> 0
       ELSE false END)
   )`,
  `CREATE INDEX commission_entries_by_producer ON commission_entries (tenant_id, producer_id, id)`,
  `CREATE INDEX commission_entries_by_policy ON commission_entries (tenant_id, policy_locator, id)`,
  ...tenantTable('billing', 'commission_entries', appendOnly),
];
