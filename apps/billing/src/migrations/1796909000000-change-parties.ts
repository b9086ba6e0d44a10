import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is behind a policy changes, and whether it goes on is told. */
export class ChangeParties1796909000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE policies ADD COLUMN mortgagee_id text
         CONSTRAINT policies_mortgagee_length CHECK (length(mortgagee_id) BETWEEN 1 AND 64)`,
    );
    await runner.query(`ALTER TABLE policy_terms ADD COLUMN is_last boolean NOT NULL DEFAULT false`);
    await runner.query(
      `ALTER TABLE policy_transactions DROP CONSTRAINT policy_transactions_type,
         ADD CONSTRAINT policy_transactions_type CHECK (type IN ('issue', 'endorsement', 'cancellation',
           'reinstatement', 'renewal', 'nonrenewal', 'expiration', 'invalidation', 'plan_change', 'party_change'))`,
    );
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
