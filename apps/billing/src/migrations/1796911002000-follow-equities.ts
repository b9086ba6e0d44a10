import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** How far what was paid carries each policy, as it was last told, and whether that may have changed since. */
export class FollowEquities1796911002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE policy_equities (
     tenant_id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     -- Since when it is to be looked at again.
     stale_at timestamptz,
     term_number integer,
     paid_minor bigint,
     charged_minor bigint,
     equity_on date,
     version integer NOT NULL,
     CONSTRAINT policy_equities_pk PRIMARY KEY (tenant_id, policy_locator),
     CONSTRAINT policy_equities_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator)
   )`,
  `CREATE INDEX policy_equities_stale ON policy_equities (stale_at, tenant_id, policy_locator)
     WHERE stale_at IS NOT NULL`,
  ...tenantTable('billing', 'policy_equities'),
];
