import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createKitTables } from '@quittance/service-kit/database/kit-tables';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const currency = (column: string) => `CHECK (${column} ~ '^[A-Z]{3}$')`;

const paymentMethods = [
  `CREATE TABLE payment_methods (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     version integer NOT NULL,
     provider text NOT NULL,
     token text NOT NULL,
     type text NOT NULL CONSTRAINT payment_methods_type CHECK (type IN ('card', 'ach')),
     brand text,
     last4 text CONSTRAINT payment_methods_last4 CHECK (last4 ~ '^[0-9]{4}$'),
     expires_on date,
     currency char(3) CONSTRAINT payment_methods_currency ${currency('currency')},
     state text NOT NULL CONSTRAINT payment_methods_state CHECK (state IN ('active', 'expired', 'revoked', 'blocked')),
     policyholder_locator text NOT NULL,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     CONSTRAINT payment_methods_pkey PRIMARY KEY (tenant_id, id)
   )`,
  `CREATE INDEX payment_methods_policyholder ON payment_methods (tenant_id, policyholder_locator, id)`,
  ...tenantTable('payments', 'payment_methods'),
];

const payments = [
  `CREATE TABLE payments (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     version integer NOT NULL CONSTRAINT payments_version_positive CHECK (version > 0),
     display_id text NOT NULL,
     state text NOT NULL CONSTRAINT payments_state CHECK (state IN ('draft', 'ready', 'processing', 'requires_action',
       'authorised', 'posted', 'declined', 'returned', 'reversed', 'discarded')),
     amount_minor bigint NOT NULL CONSTRAINT payments_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT payments_currency ${currency('currency')},
     method text CONSTRAINT payments_method CHECK (method IN ('cash', 'check', 'wire', 'lockbox', 'card', 'ach')),
     channel text NOT NULL CONSTRAINT payments_channel CHECK (channel IN ('api', 'autopay')),
     policy_locator text,
     policyholder_locator text,
     invoice_locator text,
     statement_locator text,
     payment_method_id uuid,
     merchant_id text,
     location_id text,
     field_values jsonb NOT NULL,
     source_type text CONSTRAINT payments_source_type CHECK (source_type IN ('instalment', 'subscription')),
     source_id text,
     source_attempt integer,
     attempt_no integer NOT NULL CONSTRAINT payments_attempt_no CHECK (attempt_no >= 0),
     retry_of uuid,
     failure jsonb,
     received_on date,
     effective_on date,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     authorised_at timestamptz,
     posted_at timestamptz,
     reversed_at timestamptz,
     CONSTRAINT payments_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT payments_display_id UNIQUE (tenant_id, display_id),
     CONSTRAINT payments_payment_method FOREIGN KEY (tenant_id, payment_method_id)
       REFERENCES payment_methods (tenant_id, id),
     CONSTRAINT payments_retry_of FOREIGN KEY (tenant_id, retry_of) REFERENCES payments (tenant_id, id),
     CONSTRAINT payments_source_whole CHECK (num_nonnulls(source_type, source_id, source_attempt) IN (0, 3)),
     CONSTRAINT payments_posted_has_date CHECK (state NOT IN ('posted', 'returned', 'reversed')
       OR (posted_at IS NOT NULL AND effective_on IS NOT NULL)),
     CONSTRAINT payments_reversed_has_date CHECK ((state = 'reversed') = (reversed_at IS NOT NULL)),
     CONSTRAINT payments_declined_has_reason CHECK (state <> 'declined' OR failure IS NOT NULL)
   )`,
  // Billing asks for one thing with one payment at a time, whatever it sends twice.
  `CREATE UNIQUE INDEX payments_one_open_per_source ON payments (tenant_id, source_type, source_id)
     WHERE state IN ('ready', 'processing', 'requires_action')`,
  `CREATE INDEX payments_source ON payments (tenant_id, source_type, source_id, id) WHERE source_id IS NOT NULL`,
  `CREATE INDEX payments_policy ON payments (tenant_id, policy_locator, id) WHERE policy_locator IS NOT NULL`,
  `CREATE INDEX payments_policyholder ON payments (tenant_id, policyholder_locator, id)
     WHERE policyholder_locator IS NOT NULL`,
  `CREATE INDEX payments_invoice ON payments (tenant_id, invoice_locator, id) WHERE invoice_locator IS NOT NULL`,
  `CREATE INDEX payments_in_state ON payments (tenant_id, state, id)`,
  `CREATE INDEX payments_posted ON payments (tenant_id, posted_at) WHERE posted_at IS NOT NULL`,
  ...tenantTable('payments', 'payments'),
];

const attempts = [
  `CREATE TABLE payment_attempts (
     tenant_id uuid NOT NULL,
     payment_id uuid NOT NULL,
     n integer NOT NULL CONSTRAINT payment_attempts_n_positive CHECK (n > 0),
     state text NOT NULL CONSTRAINT payment_attempts_state CHECK (state IN ('created', 'submitted', 'requires_action',
       'pending', 'unknown', 'succeeded', 'failed')),
     provider text NOT NULL,
     token text CONSTRAINT payment_attempts_has_token CHECK (token IS NOT NULL OR state = 'failed'),
     provider_ref text,
     amount_minor bigint NOT NULL CONSTRAINT payment_attempts_amount_positive CHECK (amount_minor > 0),
     currency char(3) NOT NULL CONSTRAINT payment_attempts_currency ${currency('currency')},
     confirmed_minor bigint,
     confirmed_currency char(3),
     source_type text,
     source_id text,
     source_attempt integer,
     failure jsonb,
     reason text,
     business_on date,
     checks integer NOT NULL,
     next_check_at timestamptz,
     alarmed_at timestamptz,
     correlation_id text,
     traceparent text,
     created_at timestamptz NOT NULL,
     submitted_at timestamptz,
     finished_at timestamptz,
     CONSTRAINT payment_attempts_pkey PRIMARY KEY (tenant_id, payment_id, n),
     CONSTRAINT payment_attempts_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
     CONSTRAINT payment_attempts_once_per_source UNIQUE (tenant_id, source_type, source_id, source_attempt),
     CONSTRAINT payment_attempts_provider_ref UNIQUE (provider, provider_ref),
     CONSTRAINT payment_attempts_finished CHECK ((state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)),
     CONSTRAINT payment_attempts_confirmed CHECK (state <> 'succeeded'
       OR (confirmed_minor = amount_minor AND confirmed_currency = currency)),
     CONSTRAINT payment_attempts_failed_has_reason CHECK (state <> 'failed' OR failure IS NOT NULL)
   )`,
  `CREATE UNIQUE INDEX payment_attempts_one_open ON payment_attempts (tenant_id, payment_id)
     WHERE state NOT IN ('succeeded', 'failed')`,
  // The two sweeps take the oldest work of all tenants, so these two indexes do not start with the tenant.
  `CREATE INDEX payment_attempts_to_execute ON payment_attempts (created_at) WHERE state = 'created'`,
  `CREATE INDEX payment_attempts_to_check ON payment_attempts (next_check_at) WHERE next_check_at IS NOT NULL`,
  ...tenantTable('payments', 'payment_attempts'),
];

const reversals = [
  `CREATE TABLE reversals (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_id uuid NOT NULL,
     reason text NOT NULL CONSTRAINT reversals_reason CHECK (reason IN ('entered_in_error', 'misapplied', 'nsf',
       'stop_payment', 'chargeback', 'duplicate')),
     name text,
     details text,
     executed_at timestamptz NOT NULL,
     CONSTRAINT reversals_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT reversals_once_per_payment UNIQUE (tenant_id, payment_id),
     CONSTRAINT reversals_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
   )`,
  ...tenantTable('payments', 'reversals', { app: 'SELECT, INSERT', worker: 'SELECT, INSERT' }),
];

const testClock = [
  `CREATE TABLE test_clock_days (
     tenant_id uuid NOT NULL,
     business_on date NOT NULL,
     advanced_at timestamptz NOT NULL,
     reached_at timestamptz,
     sequence integer,
     CONSTRAINT test_clock_days_pkey PRIMARY KEY (tenant_id, business_on),
     CONSTRAINT test_clock_days_sequence UNIQUE (tenant_id, sequence),
     CONSTRAINT test_clock_days_reached CHECK ((reached_at IS NULL) = (sequence IS NULL))
   )`,
  `CREATE INDEX test_clock_days_open ON test_clock_days (tenant_id, business_on) WHERE reached_at IS NULL`,
  ...tenantTable('payments', 'test_clock_days', { app: 'SELECT' }),
];

export class CreatePayments1795200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...createKitTables('payments'),
      ...paymentMethods,
      ...payments,
      ...attempts,
      ...reversals,
      ...testClock,
    ];
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
