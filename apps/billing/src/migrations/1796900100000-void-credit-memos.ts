import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A credit memo whose reason did not take place gives nothing back any more. */
export class VoidCreditMemos1796900100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `ALTER TABLE invoices
     DROP CONSTRAINT invoices_not_overpaid,
     ADD CONSTRAINT invoices_not_overpaid CHECK (CASE type
       WHEN 'credit_memo' THEN total_minor < 0 AND written_off_minor = 0
         AND balance_minor = CASE state WHEN 'void' THEN total_minor ELSE 0 END
       ELSE balance_minor >= 0 AND allocated_minor >= 0 AND written_off_minor >= 0 END)`,
];
