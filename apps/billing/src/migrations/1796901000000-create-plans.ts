import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Plans that a tenant made. A version is never changed or removed: schedules name the one that they are of. */
export class CreatePlans1796901000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE plans (
     tenant_id uuid NOT NULL,
     name text NOT NULL CONSTRAINT plans_name CHECK (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(name) <= 64),
     version integer NOT NULL CONSTRAINT plans_version_positive CHECK (version > 0),
     -- The body of POST /plans without the name, defaults filled in.
     config jsonb NOT NULL CONSTRAINT plans_config_object CHECK (jsonb_typeof(config) = 'object'),
     created_at timestamptz NOT NULL,
     CONSTRAINT plans_pk PRIMARY KEY (tenant_id, name, version)
   )`,
  ...tenantTable('billing', 'plans', { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' }),
];
