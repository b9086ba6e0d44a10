import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An invoice is judged once for each due date that passed: past due is told, what is as good as paid is not. */
export class TellWhatIsPastDue1796911000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  // The due date that was judged last. One that is moved, because a payment came back, is judged again.
  `ALTER TABLE invoices ADD COLUMN past_due_on date`,
  `CREATE INDEX invoices_to_judge ON invoices (tenant_id, due_on, id)
     WHERE state IN ('open', 'partially_paid') AND past_due_on IS DISTINCT FROM due_on`,
];
