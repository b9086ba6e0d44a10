import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The day of the month that a policyholder chose, where the plan leaves the choice: a renewal asks for it again. */
export class ChooseADueDay1796901001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE policies
         ADD COLUMN due_day smallint CONSTRAINT policies_due_day CHECK (due_day BETWEEN 1 AND 31)`,
    );
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
