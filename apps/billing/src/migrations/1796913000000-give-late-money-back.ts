import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Money that came after a lapse waits for a reinstatement until its window has passed. */
export class GiveLateMoneyBack1796913000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE unapplied_funds ADD COLUMN give_back_on date`);
    await runner.query(
      `CREATE INDEX unapplied_funds_to_give_back ON unapplied_funds (give_back_on) WHERE give_back_on IS NOT NULL`,
    );
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
