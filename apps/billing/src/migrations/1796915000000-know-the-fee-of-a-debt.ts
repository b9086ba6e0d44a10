import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which fee a debt had: where it turns out to have been paid in time, that one is waived, and no other of the day. */
export class KnowTheFeeOfADebt1796915000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Null for what was assessed before; the fee is a charge, which is written after it is known to be a new one.
    await runner.query(`ALTER TABLE assessed_fees ADD COLUMN fee_id uuid`);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
