import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  `ALTER TABLE payment_methods
     ADD COLUMN is_default boolean NOT NULL DEFAULT false,
     ADD COLUMN expiry_told_for date,
     ADD CONSTRAINT payment_methods_default_is_usable CHECK (NOT is_default OR state IN ('active', 'expired'))`,
  `CREATE UNIQUE INDEX payment_methods_one_default ON payment_methods (tenant_id, policyholder_locator)
     WHERE is_default`,
  // Of all tenants: the sweep takes what expires next.
  `CREATE INDEX payment_methods_expiring ON payment_methods (expires_on) WHERE state = 'active'`,
];

/** Which method is charged by default, and for which last day a warning was given. */
export class FollowPaymentMethods1796300004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
