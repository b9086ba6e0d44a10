import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was applied long ago is not kept for ever. */
export class PurgeNotifications1796900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT DELETE ON provider_notifications TO payments_worker`);
    await runner.query(
      `CREATE INDEX provider_notifications_applied ON provider_notifications (finished_at) WHERE state = 'applied'`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
