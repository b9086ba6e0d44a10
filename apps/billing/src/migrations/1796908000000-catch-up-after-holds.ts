import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far a hold of invoicing has come: what it held is found once, and caught up with once. */
export class CatchUpAfterHolds1796908000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE holds ADD COLUMN invoicing_step text NOT NULL DEFAULT 'waiting'
         CONSTRAINT holds_invoicing_step CHECK (invoicing_step IN ('waiting', 'placed', 'caught_up'))`,
    );
    await runner.query(
      `CREATE INDEX holds_of_invoicing ON holds (starts_on)
        WHERE 'invoicing' = ANY (targets) AND invoicing_step <> 'caught_up'`,
    );
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
