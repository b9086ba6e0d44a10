import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The day sweep asks for what is to be billed and, apart from it, for what is to be announced as due. */
export class SweepInPasses1796907000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const TO_BILL = `WHERE state = 'scheduled'`;
const TO_ANNOUNCE = `WHERE announced_at IS NULL AND state IN ('billed', 'partially_paid')`;

const statements = [
  `DROP INDEX instalments_due`,
  `DROP INDEX instalments_due_of_tenant`,
  // One narrow index a pass tells that there is nothing to do; the other gives each tenant its turn, and the keys
  // without the rows.
  `CREATE INDEX instalments_to_bill ON instalments (generate_at) ${TO_BILL}`,
  `CREATE INDEX instalments_to_bill_of_tenant ON instalments (tenant_id, generate_at, id)
     INCLUDE (policy_locator, schedule_id) ${TO_BILL}`,
  `CREATE INDEX instalments_to_announce ON instalments (due_at) ${TO_ANNOUNCE}`,
  `CREATE INDEX instalments_to_announce_of_tenant ON instalments (tenant_id, due_at, id)
     INCLUDE (policy_locator, schedule_id) ${TO_ANNOUNCE}`,
  // A policy, and a schedule by its instalments' numbers, find theirs already; what was cut out is found apart.
  `DROP INDEX instalments_by_schedule`,
  `CREATE INDEX instalments_superseded ON instalments (tenant_id, schedule_id) WHERE state = 'superseded'`,
  // Every due instalment gets an attempt, twenty thousand a second: two look-ups each cost a quarter of that. The
  // sweep holds the rows that it names, none is ever deleted, and an invariant compares them.
  `ALTER TABLE collection_attempts DROP CONSTRAINT collection_attempts_instalment`,
  `ALTER TABLE collection_attempts DROP CONSTRAINT collection_attempts_policy`,
  // The money that waits for something to pay.
  `CREATE INDEX unapplied_funds_waiting ON unapplied_funds (tenant_id, owner_locator)
     WHERE owner_type = 'policy' AND balance_minor > 0`,
];
