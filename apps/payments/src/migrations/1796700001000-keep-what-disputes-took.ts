import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A part that a dispute took cannot be given back as well. */
export class KeepWhatDisputesTook1796700001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE payments ADD COLUMN lost_minor bigint NOT NULL DEFAULT 0
      CONSTRAINT payments_lost_not_negative CHECK (lost_minor >= 0)`);
    await runner.query(`UPDATE payments p SET lost_minor = d.lost
      FROM (SELECT tenant_id, payment_id, sum(amount_minor) AS lost FROM disputes WHERE state = 'lost'
             GROUP BY tenant_id, payment_id) d
     WHERE p.tenant_id = d.tenant_id AND p.id = d.payment_id`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
