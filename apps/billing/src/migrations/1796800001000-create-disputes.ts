import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Which payments are disputed: what they paid stays paid, and is flagged. */
export class CreateDisputes1796800001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE payment_disputes (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_locator uuid NOT NULL,
     currency char(3) NOT NULL,
     amount_minor bigint NOT NULL CONSTRAINT payment_disputes_amount_positive CHECK (amount_minor > 0),
     is_open boolean NOT NULL,
     -- Of the last event about it.
     version integer NOT NULL,
     CONSTRAINT payment_disputes_pk PRIMARY KEY (tenant_id, id)
   )`,
  `CREATE INDEX payment_disputes_open ON payment_disputes (tenant_id, payment_locator) WHERE is_open`,
  ...tenantTable('billing', 'payment_disputes', { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE' }),
];
