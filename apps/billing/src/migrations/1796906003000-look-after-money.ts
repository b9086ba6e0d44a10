import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Money that lies here: for how long it has been in suspense, and whether its owner has too much of it. */
export class LookAfterMoney1796906003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `ALTER TABLE suspense_items ADD COLUMN aged_on date`,
  `CREATE INDEX suspense_items_not_aged ON suspense_items (tenant_id, id) WHERE state = 'open' AND aged_on IS NULL`,
  `CREATE INDEX suspense_items_by_state ON suspense_items (tenant_id, state, id)`,
  // The last date on which it was looked whether too much is there.
  `ALTER TABLE unapplied_funds ADD COLUMN excess_checked_on date`,
  `CREATE INDEX unapplied_funds_held ON unapplied_funds (tenant_id, id) WHERE balance_minor > 0`,
];
