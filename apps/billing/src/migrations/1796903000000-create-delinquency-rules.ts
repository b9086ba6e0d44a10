import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * What a tenant does about what is past due, what the law asks of it, what trouble costs, and what is held. All dated.
 */
export class CreateDelinquencyRules1796903000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

/** A row that was in force stays as it was: a later one takes its place. */
const appendOnly = { app: 'SELECT, INSERT', worker: 'SELECT' };

const statements = [
  `CREATE TABLE delinquency_plans (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     name text NOT NULL,
     currency char(3) NOT NULL,
     jurisdiction text,
     line text,
     effective_from date NOT NULL,
     effective_to date,
     level text NOT NULL CONSTRAINT delinquency_plans_level CHECK (level IN ('policy', 'invoice')),
     grace_days integer NOT NULL CONSTRAINT delinquency_plans_grace CHECK (grace_days >= 0),
     grace_months integer,
     covered_months integer,
     reminder_days integer[] NOT NULL,
     notice_after_days integer NOT NULL CONSTRAINT delinquency_plans_notice CHECK (notice_after_days > 0),
     retry_days integer[] NOT NULL,
     tolerance_minor bigint NOT NULL CONSTRAINT delinquency_plans_tolerance CHECK (tolerance_minor >= 0),
     not_taken text NOT NULL CONSTRAINT delinquency_plans_not_taken CHECK (not_taken IN ('flat_cancel', 'follow')),
     agency text NOT NULL CONSTRAINT delinquency_plans_agency CHECK (agency IN ('refer', 'follow')),
     renotices_on_join boolean NOT NULL,
     reinstatement_days integer NOT NULL,
     CONSTRAINT delinquency_plans_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT delinquency_plans_not_empty CHECK (effective_to > effective_from),
     CONSTRAINT delinquency_plans_months CHECK ((grace_months IS NULL) = (covered_months IS NULL))
   )`,
  ...tenantTable('billing', 'delinquency_plans', appendOnly),

  `CREATE TABLE delinquency_rules (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     jurisdiction text,
     line text,
     reason text CONSTRAINT delinquency_rules_reason CHECK (reason IN ('past_due', 'not_taken', 'nsf')),
     tenure_from_days integer NOT NULL,
     tenure_to_days integer,
     effective_from date NOT NULL,
     effective_to date,
     notice_days integer NOT NULL CONSTRAINT delinquency_rules_notice_days CHECK (notice_days >= 0),
     mail_days integer NOT NULL CONSTRAINT delinquency_rules_mail_days CHECK (mail_days >= 0),
     count_mode text NOT NULL CONSTRAINT delinquency_rules_count_mode
       CHECK (count_mode IN ('full_days', 'days_after_mailing')),
     earliest_send text NOT NULL CONSTRAINT delinquency_rules_earliest_send CHECK (earliest_send IN ('after_due',
       'any')),
     cure_until text NOT NULL CONSTRAINT delinquency_rules_cure_until CHECK (cure_until IN ('effective', 'mailing')),
     cure_days integer,
     effective_time text NOT NULL CONSTRAINT delinquency_rules_effective_time CHECK (effective_time ~
       '^\\d\\d:\\d\\d$'),
     holidays text[] NOT NULL,
     recipients text[] NOT NULL,
     proof_type text NOT NULL CONSTRAINT delinquency_rules_proof_type
       CHECK (proof_type IN ('none', 'certificate_of_mailing', 'certified_mail', 'electronic_receipt')),
     citation text NOT NULL,
     -- Who has read the law: without a name there is no row, so that no example is ever in force by itself.
     reviewed_by text NOT NULL,
     CONSTRAINT delinquency_rules_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT delinquency_rules_not_empty CHECK (effective_to > effective_from),
     CONSTRAINT delinquency_rules_cure_has_days CHECK (cure_until = 'effective' OR cure_days IS NOT NULL)
   )`,
  ...tenantTable('billing', 'delinquency_rules', appendOnly),

  `CREATE TABLE fee_rules (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     type text NOT NULL CONSTRAINT fee_rules_type CHECK (type IN ('nsf_fee', 'late_fee', 'reinstatement_fee')),
     currency char(3) NOT NULL,
     jurisdiction text,
     line text,
     effective_from date NOT NULL,
     effective_to date,
     amount_minor bigint NOT NULL CONSTRAINT fee_rules_amount CHECK (amount_minor >= 0),
     basis_points integer NOT NULL CONSTRAINT fee_rules_basis_points CHECK (basis_points BETWEEN 0 AND 10000),
     cap_minor bigint CONSTRAINT fee_rules_cap CHECK (cap_minor >= 0),
     after_days integer NOT NULL CONSTRAINT fee_rules_after_days CHECK (after_days >= 0),
     citation text,
     CONSTRAINT fee_rules_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT fee_rules_not_empty CHECK (effective_to > effective_from)
   )`,
  ...tenantTable('billing', 'fee_rules', appendOnly),

  `CREATE TABLE holds (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     source text NOT NULL CONSTRAINT holds_source CHECK (source IN ('hold', 'moratorium')),
     policy_locator uuid,
     jurisdiction text,
     line text,
     producer_id text,
     targets text[] NOT NULL CONSTRAINT holds_targets
       CHECK (cardinality(targets) > 0 AND targets <@ ARRAY['invoicing', 'delinquency', 'autopay', 'disbursement']),
     starts_on date NOT NULL,
     ends_on date,
     reason text NOT NULL,
     state text NOT NULL CONSTRAINT holds_state CHECK (state IN ('active', 'released')),
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT holds_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT holds_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT holds_not_backwards CHECK (ends_on >= starts_on),
     CONSTRAINT holds_released_has_end CHECK (state = 'active' OR ends_on IS NOT NULL)
   )`,
  `CREATE INDEX holds_by_policy ON holds (tenant_id, policy_locator)`,
  ...tenantTable('billing', 'holds', { worker: 'SELECT, INSERT, UPDATE' }),
];
