import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Which quotes were answered with plans: once each. */
export class CreatePricedQuotes1796909001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE priced_quotes (
     tenant_id uuid NOT NULL,
     id text NOT NULL CONSTRAINT priced_quotes_id_length CHECK (length(id) BETWEEN 1 AND 64),
     content_hash bytea NOT NULL CONSTRAINT priced_quotes_hash_sha256 CHECK (length(content_hash) = 32),
     created_at timestamptz NOT NULL,
     CONSTRAINT priced_quotes_pk PRIMARY KEY (tenant_id, id)
   )`,
  ...tenantTable('billing', 'priced_quotes', { app: 'SELECT', worker: 'SELECT, INSERT' }),
];
