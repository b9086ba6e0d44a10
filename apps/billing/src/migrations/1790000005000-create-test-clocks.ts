import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** A tenant with a row here lives on that date; every other tenant lives in real time. */
export class CreateTestClocks1790000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE test_clocks (
     tenant_id uuid NOT NULL,
     business_date date NOT NULL,
     -- The last date whose sweep is done and was announced; what payments and reconciliation answered.
     advanced_on date,
     reached_on date,
     reconciled_on date,
     running_by uuid,
     lease_until timestamptz,
     version integer NOT NULL,
     CONSTRAINT test_clocks_pk PRIMARY KEY (tenant_id),
     CONSTRAINT test_clocks_answers_follow CHECK (advanced_on <= business_date)
   )`,
  ...tenantTable('billing', 'test_clocks'),
];
