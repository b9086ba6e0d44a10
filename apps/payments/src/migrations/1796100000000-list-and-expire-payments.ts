import type { MigrationInterface, QueryRunner } from 'typeorm';

const attempts = [
  // What follows an authorisation names its charge, and needs no instrument.
  `ALTER TABLE payment_attempts
     DROP CONSTRAINT payment_attempts_has_token,
     ADD CONSTRAINT payment_attempts_has_token
       CHECK (token IS NOT NULL OR state = 'failed' OR operation IN ('capture', 'void'))`,
];

/**
 * One index for each way to list, in the order of the list, so that a page costs the same whether few or many payments
 * match, and a plan that was good for one value is good for all.
 */
const lists = [
  // By the state that is shown: several of ours are one of the document's.
  `DROP INDEX payments_in_state`,
  `CREATE INDEX payments_shown ON payments (tenant_id, (CASE
     WHEN state IN ('processing', 'requires_action', 'authorised') THEN 'ready'
     WHEN state = 'reversed' THEN 'returned' ELSE state END), id)`,
  `DROP INDEX payments_posted`,
  `CREATE INDEX payments_posted ON payments (tenant_id, posted_at, id) WHERE posted_at IS NOT NULL`,
  `CREATE INDEX payments_statement ON payments (tenant_id, statement_locator, id) WHERE statement_locator IS NOT NULL`,
  `CREATE INDEX payments_merchant ON payments (tenant_id, merchant_id, id) WHERE merchant_id IS NOT NULL`,
  `CREATE INDEX payments_location ON payments (tenant_id, location_id, id) WHERE location_id IS NOT NULL`,
];

// The sweep takes the earliest of all tenants, so this index does not start with the tenant.
const sweep = [`CREATE INDEX payments_to_expire ON payments (authorisation_expires_at) WHERE state = 'authorised'`];

export class ListAndExpirePayments1796100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...attempts, ...lists, ...sweep]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
