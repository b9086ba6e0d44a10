import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Money set aside to be paid out, and which payments brought it. */
export class CreateDisbursementRequests1796800002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const appendOnly = { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' };

const statements = [
  `CREATE TABLE disbursement_requests (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     state text NOT NULL CONSTRAINT disbursement_requests_state CHECK (state IN ('requested', 'executed', 'returned')),
     owner_type text CONSTRAINT disbursement_requests_owner_type CHECK (owner_type IN ('policy', 'policyholder')),
     owner_locator text,
     suspense_id uuid,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT disbursement_requests_amount_positive CHECK (amount_minor > 0),
     payee_type text NOT NULL CONSTRAINT disbursement_requests_payee_type
       CHECK (payee_type IN ('insured', 'producer', 'financer', 'mortgagee', 'third_party')),
     payee_locator text,
     method text CONSTRAINT disbursement_requests_method CHECK (method IN ('check', 'ach', 'original_method')),
     reason text,
     disbursement_id uuid,
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT disbursement_requests_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT disbursement_requests_suspense FOREIGN KEY (tenant_id, suspense_id)
       REFERENCES suspense_items (tenant_id, id),
     CONSTRAINT disbursement_requests_one_source CHECK (
       (suspense_id IS NULL) = (owner_locator IS NOT NULL) AND (owner_type IS NULL) = (owner_locator IS NULL))
   )`,
  ...tenantTable('billing', 'disbursement_requests'),

  `CREATE TABLE disbursement_parts (
     tenant_id uuid NOT NULL,
     request_id uuid NOT NULL,
     payment_locator uuid NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT disbursement_parts_amount_positive CHECK (amount_minor > 0),
     CONSTRAINT disbursement_parts_pk PRIMARY KEY (tenant_id, request_id, payment_locator),
     CONSTRAINT disbursement_parts_request FOREIGN KEY (tenant_id, request_id)
       REFERENCES disbursement_requests (tenant_id, id),
     CONSTRAINT disbursement_parts_payment FOREIGN KEY (tenant_id, payment_locator)
       REFERENCES received_payments (tenant_id, locator)
   )`,
  `CREATE INDEX disbursement_parts_by_payment ON disbursement_parts (tenant_id, payment_locator)`,
  ...tenantTable('billing', 'disbursement_parts', appendOnly),
];
