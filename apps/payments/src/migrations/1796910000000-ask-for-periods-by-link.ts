import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A period of a subscription without a payment method is paid by a link, of which there is one. */
export class AskForPeriodsByLink1796910000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE payment_links ADD COLUMN subscription_period_id uuid');
    await runner.query(
      `ALTER TABLE payment_links ADD CONSTRAINT payment_links_period_names_subscription
         CHECK (subscription_period_id IS NULL OR subscription_id IS NOT NULL)`,
    );
    await runner.query(
      `CREATE UNIQUE INDEX payment_links_one_per_period ON payment_links (tenant_id, subscription_period_id)
         WHERE subscription_period_id IS NOT NULL`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
