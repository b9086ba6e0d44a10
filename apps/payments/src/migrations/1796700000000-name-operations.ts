import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a request asked for is one attempt, whoever takes the request up again after a crash. */
export class NameOperations1796700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE payment_attempts ADD COLUMN operation_id uuid');
    await runner.query(`CREATE UNIQUE INDEX payment_attempts_one_of_an_operation
      ON payment_attempts (tenant_id, operation_id) WHERE operation_id IS NOT NULL`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
