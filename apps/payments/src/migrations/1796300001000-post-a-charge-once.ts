import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a provider took once is at most one posted payment, whichever way we heard of it. */
export class PostAChargeOnce1796300001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE UNIQUE INDEX payments_charge_once ON payments (tenant_id, provider, provider_ref)
         WHERE posted_at IS NOT NULL AND provider_ref IS NOT NULL`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
