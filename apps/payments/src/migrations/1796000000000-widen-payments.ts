import type { MigrationInterface, QueryRunner } from 'typeorm';

const payments = [
  `ALTER TABLE payments
     ADD COLUMN link_id uuid,
     ADD COLUMN provider text,
     ADD COLUMN provider_ref text,
     ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
     ADD COLUMN refund_pending_minor bigint NOT NULL DEFAULT 0,
     ADD COLUMN disputed_minor bigint NOT NULL DEFAULT 0,
     ADD COLUMN to_suspense boolean NOT NULL DEFAULT false,
     ADD COLUMN settlement text CONSTRAINT payments_settlement CHECK (settlement IN ('pending', 'settled', 'failed')),
     ADD COLUMN returned jsonb,
     ADD COLUMN authorisation_expires_at timestamptz,
     ADD COLUMN returned_at timestamptz,
     DROP CONSTRAINT payments_channel,
     ADD CONSTRAINT payments_channel CHECK (channel IN ('api', 'autopay', 'link', 'lockbox', 'cash', 'agent')),
     ADD CONSTRAINT payments_refunds_covered
       CHECK (refunded_minor >= 0 AND refund_pending_minor >= 0
         AND refunded_minor + refund_pending_minor <= amount_minor),
     ADD CONSTRAINT payments_disputed_not_negative CHECK (disputed_minor >= 0),
     ADD CONSTRAINT payments_returned_has_date CHECK ((state = 'returned') = (returned_at IS NOT NULL)),
     ADD CONSTRAINT payments_authorised_has_date CHECK (state <> 'authorised'
       OR (authorised_at IS NOT NULL AND provider_ref IS NOT NULL))`,
  `CREATE INDEX payments_provider_ref ON payments (provider, provider_ref) WHERE provider_ref IS NOT NULL`,
  `CREATE INDEX payments_link ON payments (tenant_id, link_id) WHERE link_id IS NOT NULL`,
];

const attempts = [
  // A capture carries the reference of its authorisation, and two tenants may use accounts that number alike.
  `ALTER TABLE payment_attempts
     DROP CONSTRAINT payment_attempts_provider_ref,
     ADD COLUMN operation text NOT NULL DEFAULT 'charge'
       CONSTRAINT payment_attempts_operation CHECK (operation IN ('charge', 'authorise', 'capture', 'void')),
     ADD COLUMN charge_ref text,
     ADD COLUMN action_url text,
     ADD COLUMN expires_at timestamptz,
     ADD CONSTRAINT payment_attempts_follow_up
       CHECK ((operation IN ('capture', 'void')) = (charge_ref IS NOT NULL)),
     DROP CONSTRAINT payment_attempts_confirmed,
     ADD CONSTRAINT payment_attempts_confirmed CHECK (state <> 'succeeded' OR operation = 'void'
       OR (confirmed_minor = amount_minor AND confirmed_currency = currency))`,
  `CREATE UNIQUE INDEX payment_attempts_provider_ref ON payment_attempts (tenant_id, provider, provider_ref)
     WHERE operation IN ('charge', 'authorise')`,
];

const reversals = [
  `ALTER TABLE reversals
     ADD COLUMN pejorative boolean NOT NULL DEFAULT false,
     ADD COLUMN executed_on date`,
  `UPDATE reversals SET executed_on = (executed_at AT TIME ZONE 'UTC')::date WHERE executed_on IS NULL`,
  `ALTER TABLE reversals ALTER COLUMN executed_on SET NOT NULL`,
];

const methods = [`ALTER TABLE payment_methods ADD COLUMN fingerprint text, ADD COLUMN mandate jsonb`];

/** What authorisations, refunds, returns, disputes and links need to know of a payment. */
export class WidenPayments1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...payments, ...attempts, ...reversals, ...methods]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
