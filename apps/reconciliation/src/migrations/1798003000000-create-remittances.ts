import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * The same payment told again is one row; told differently it is held beside the first, which it names in
 * `conflicts_with`. Who the patient is stands sealed, and as a hash under a key of the tenant's.
 */
const remittances = [
  `CREATE TABLE remittances (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     file_id uuid NOT NULL,
     set_index int NOT NULL,
     payer_name text,
     payer_id text,
     payee_name text,
     payee_id text NOT NULL,
     handling text NOT NULL,
     method text NOT NULL,
     currency char(3) NOT NULL CONSTRAINT remittances_currency CHECK (currency ~ '^[A-Z]{3}$'),
     amount_minor bigint NOT NULL,
     paid_on date NOT NULL,
     produced_on date,
     trace_number text NOT NULL,
     originator text NOT NULL,
     claims int NOT NULL DEFAULT 0,
     is_balanced boolean NOT NULL DEFAULT false,
     faults jsonb NOT NULL DEFAULT '[]',
     sums jsonb NOT NULL DEFAULT '{}',
     content bytea NOT NULL CONSTRAINT remittances_content CHECK (octet_length(content) = 32),
     conflicts_with uuid,
     state text NOT NULL CONSTRAINT remittances_state CHECK (state IN ('received', 'held', 'posted', 'void')),
     state_reason text,
     version int NOT NULL DEFAULT 1,
     booked_at timestamptz,
     mirrored_at timestamptz,
     created_at timestamptz NOT NULL,
     CONSTRAINT remittances_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT remittances_posted_in_balance CHECK (state <> 'posted' OR (is_balanced AND conflicts_with IS NULL))
   )`,
  `CREATE UNIQUE INDEX remittances_once ON remittances
     (tenant_id, payee_id, originator, trace_number, amount_minor, paid_on) WHERE conflicts_with IS NULL`,
  `CREATE INDEX remittances_trace ON remittances (tenant_id, trace_number)`,
  `CREATE INDEX remittances_to_book ON remittances (created_at)
     WHERE (state = 'received' AND booked_at IS NULL)
        OR (state = 'void' AND booked_at IS NOT NULL AND mirrored_at IS NULL)`,
  ...tenantTable('reconciliation', 'remittances'),
  `CREATE TABLE remittance_claims (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     remittance_id uuid NOT NULL,
     n int NOT NULL,
     patient_account text NOT NULL,
     status text NOT NULL,
     charge_minor bigint NOT NULL,
     paid_minor bigint NOT NULL,
     patient_minor bigint NOT NULL,
     filing text,
     payer_control text,
     patient bytea,
     member_hash bytea,
     from_on date,
     to_on date,
     adjustments jsonb NOT NULL,
     remarks text[] NOT NULL,
     is_balanced boolean NOT NULL,
     reversal_of uuid,
     CONSTRAINT remittance_claims_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT remittance_claims_n UNIQUE (tenant_id, remittance_id, n),
     CONSTRAINT remittance_claims_fkey FOREIGN KEY (tenant_id, remittance_id) REFERENCES remittances
   )`,
  `CREATE INDEX remittance_claims_payer_control ON remittance_claims (tenant_id, payer_control)
     WHERE payer_control IS NOT NULL`,
  `CREATE INDEX remittance_claims_account ON remittance_claims (tenant_id, patient_account)`,
  ...tenantTable('reconciliation', 'remittance_claims'),
  `CREATE TABLE remittance_lines (
     tenant_id uuid NOT NULL,
     claim_id uuid NOT NULL,
     n int NOT NULL,
     qualifier text,
     procedure text NOT NULL,
     modifiers text[] NOT NULL,
     charge_minor bigint NOT NULL,
     paid_minor bigint NOT NULL,
     units text,
     served_on date,
     control_number text,
     adjustments jsonb NOT NULL,
     remarks text[] NOT NULL,
     is_balanced boolean NOT NULL,
     CONSTRAINT remittance_lines_pkey PRIMARY KEY (tenant_id, claim_id, n)
   )`,
  ...tenantTable('reconciliation', 'remittance_lines', { app: 'SELECT, INSERT' }),
  `CREATE TABLE provider_adjustments (
     tenant_id uuid NOT NULL,
     remittance_id uuid NOT NULL,
     n int NOT NULL,
     provider_id text NOT NULL,
     fiscal_on date,
     reason text NOT NULL,
     reference text,
     amount_minor bigint NOT NULL,
     CONSTRAINT provider_adjustments_pkey PRIMARY KEY (tenant_id, remittance_id, n)
   )`,
  ...tenantTable('reconciliation', 'provider_adjustments', { app: 'SELECT, INSERT' }),
];

/** The other side: what a provider charged, and who looked at whom a remittance is about. */
const claims = [
  `CREATE TABLE claims (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     number text NOT NULL,
     patient_account text NOT NULL,
     currency char(3) NOT NULL CONSTRAINT claims_currency CHECK (currency ~ '^[A-Z]{3}$'),
     charge_minor bigint NOT NULL CONSTRAINT claims_charge CHECK (charge_minor > 0),
     served_on date NOT NULL,
     lines jsonb NOT NULL,
     booked_at timestamptz,
     created_at timestamptz NOT NULL,
     CONSTRAINT claims_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT claims_number UNIQUE (tenant_id, number)
   )`,
  `CREATE INDEX claims_to_book ON claims (created_at) WHERE booked_at IS NULL`,
  ...tenantTable('reconciliation', 'claims'),
  `CREATE TABLE patient_reads (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL DEFAULT uuidv7(),
     claim_id uuid NOT NULL,
     read_by text NOT NULL,
     read_at timestamptz NOT NULL,
     CONSTRAINT patient_reads_pkey PRIMARY KEY (tenant_id, id)
   )`,
  ...tenantTable('reconciliation', 'patient_reads', { app: 'SELECT, INSERT', worker: 'SELECT' }),
];

export class CreateRemittances1798003000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...remittances, ...claims]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
