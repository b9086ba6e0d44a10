import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many days before its due date an instalment is told of, once. */
export class RemindOfWhatIsToCome1796911001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  // 0, or none: nobody is reminded.
  `ALTER TABLE billing_settings ADD COLUMN upcoming_invoice_days integer
     CONSTRAINT billing_settings_upcoming_invoice_days CHECK (upcoming_invoice_days >= 0)`,
  `ALTER TABLE instalments ADD COLUMN upcoming_at timestamptz`,
  `CREATE INDEX instalments_to_remind ON instalments (tenant_id, due_at, id)
     WHERE upcoming_at IS NULL AND state IN ('scheduled', 'billed', 'partially_paid')`,
];
