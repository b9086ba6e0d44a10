import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is owed because it was paid out before, found by the account whose statement tells of it. */
export class StateShortfalls1796911002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX shortfalls_by_policy ON shortfalls (tenant_id, policy_locator)`);
    await runner.query(
      `CREATE INDEX shortfalls_by_policyholder ON shortfalls (tenant_id, policyholder_locator)
        WHERE policy_locator IS NULL`,
    );
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
