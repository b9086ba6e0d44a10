import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** Payments as their last event said, and the names that processors and banks have for them. */
const projections = [
  `CREATE TABLE payment_projections (
     tenant_id uuid NOT NULL,
     locator uuid NOT NULL,
     sequence int NOT NULL,
     display_id text NOT NULL,
     state text NOT NULL CONSTRAINT payment_projections_state CHECK (state IN ('posted', 'returned', 'reversed')),
     amount_minor bigint NOT NULL,
     currency char(3) NOT NULL CONSTRAINT payment_projections_currency CHECK (currency ~ '^[A-Z]{3}$'),
     method text,
     provider_ref text,
     ach_trace text,
     ach_identification text,
     payment_method_id text,
     policy_locator text,
     merchant_id text,
     location_id text,
     effective_on date NOT NULL,
     posted_at timestamptz NOT NULL,
     settle_by date,
     settled_at timestamptz,
     told_late_at timestamptz,
     heard_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT payment_projections_pkey PRIMARY KEY (tenant_id, locator)
   )`,
  `CREATE INDEX payment_projections_ach_trace ON payment_projections (tenant_id, ach_trace)
     WHERE ach_trace IS NOT NULL`,
  `CREATE INDEX payment_projections_ach_identification ON payment_projections (tenant_id, ach_identification)
     WHERE ach_identification IS NOT NULL`,
  `CREATE INDEX payment_projections_awaited ON payment_projections (settle_by)
     WHERE state = 'posted' AND settled_at IS NULL AND told_late_at IS NULL AND settle_by IS NOT NULL`,
  ...tenantTable('reconciliation', 'payment_projections', { app: 'SELECT, UPDATE' }),
  `CREATE TABLE payment_references (
     tenant_id uuid NOT NULL,
     reference text NOT NULL,
     payment_locator uuid NOT NULL,
     CONSTRAINT payment_references_pkey PRIMARY KEY (tenant_id, reference)
   )`,
  ...tenantTable('reconciliation', 'payment_references', { app: 'SELECT', worker: 'SELECT, INSERT' }),
];

/** What a processor paid out, and of what it was made. */
const settlements = [
  `CREATE TABLE settlement_batches (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     processor text NOT NULL,
     payout_ref text NOT NULL,
     kind text NOT NULL CONSTRAINT settlement_batches_kind CHECK (kind IN ('automatic', 'manual')),
     currency char(3) NOT NULL CONSTRAINT settlement_batches_currency CHECK (currency ~ '^[A-Z]{3}$'),
     declared_minor bigint,
     items int NOT NULL DEFAULT 0,
     gross_minor bigint NOT NULL DEFAULT 0,
     fees_minor bigint NOT NULL DEFAULT 0,
     refunds_minor bigint NOT NULL DEFAULT 0,
     disputes_minor bigint NOT NULL DEFAULT 0,
     other_minor bigint NOT NULL DEFAULT 0,
     net_minor bigint NOT NULL DEFAULT 0,
     off_by_minor bigint NOT NULL DEFAULT 0,
     arrival_on date NOT NULL,
     in_bank_by date NOT NULL,
     state text NOT NULL DEFAULT 'unbalanced'
       CONSTRAINT settlement_batches_state CHECK (state IN ('balanced', 'unbalanced')),
     version int NOT NULL DEFAULT 0,
     file_id uuid NOT NULL,
     booked_at timestamptz,
     told_late_at timestamptz,
     created_at timestamptz NOT NULL,
     CONSTRAINT settlement_batches_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT settlement_batches_once UNIQUE (tenant_id, processor, payout_ref, currency),
     CONSTRAINT settlement_batches_adds_up CHECK (state <> 'balanced' OR off_by_minor = 0)
   )`,
  `CREATE INDEX settlement_batches_unbooked ON settlement_batches (created_at)
     WHERE state = 'balanced' AND booked_at IS NULL`,
  `CREATE INDEX settlement_batches_awaited ON settlement_batches (in_bank_by)
     WHERE state = 'balanced' AND told_late_at IS NULL`,
  ...tenantTable('reconciliation', 'settlement_batches'),
  `CREATE TABLE settlement_items (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     batch_id uuid,
     processor text NOT NULL,
     processor_txn text NOT NULL,
     category text NOT NULL,
     reported_category text NOT NULL,
     currency char(3) NOT NULL,
     gross_minor bigint NOT NULL,
     fee_minor bigint NOT NULL,
     net_minor bigint NOT NULL,
     reference text,
     second_reference text,
     payment_locator uuid,
     dated_on date NOT NULL,
     CONSTRAINT settlement_items_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT settlement_items_once UNIQUE (tenant_id, processor, processor_txn),
     CONSTRAINT settlement_items_batch_fkey FOREIGN KEY (tenant_id, batch_id) REFERENCES settlement_batches
   )`,
  `CREATE INDEX settlement_items_batch ON settlement_items (tenant_id, batch_id, id)`,
  `CREATE INDEX settlement_items_payment ON settlement_items (tenant_id, payment_locator)
     WHERE payment_locator IS NOT NULL`,
  `CREATE INDEX settlement_items_unknown ON settlement_items (tenant_id, reference) WHERE payment_locator IS NULL`,
  `CREATE INDEX settlement_items_unknown_second ON settlement_items (tenant_id, second_reference)
     WHERE payment_locator IS NULL`,
  `CREATE INDEX settlement_items_loose ON settlement_items (tenant_id, processor, currency) WHERE batch_id IS NULL`,
  ...tenantTable('reconciliation', 'settlement_items'),
];

/** What came back from banks. Nothing says whose account it was. */
const returns = [
  `CREATE TABLE return_items (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     file_id uuid NOT NULL,
     kind text NOT NULL CONSTRAINT return_items_kind
       CHECK (kind IN ('returned', 'dishonoured', 'contested', 'enrolment', 'change')),
     code text NOT NULL,
     family text NOT NULL,
     original_trace text NOT NULL,
     return_trace text,
     return_code text,
     direction text NOT NULL CONSTRAINT return_items_direction CHECK (direction IN ('debit', 'credit')),
     amount_minor bigint NOT NULL CONSTRAINT return_items_amount CHECK (amount_minor >= 0),
     currency char(3) NOT NULL,
     effective_on date NOT NULL,
     payment_locator uuid,
     created_at timestamptz NOT NULL,
     CONSTRAINT return_items_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT return_items_once UNIQUE (tenant_id, original_trace, code, effective_on)
   )`,
  `CREATE INDEX return_items_payment ON return_items (tenant_id, payment_locator) WHERE payment_locator IS NOT NULL`,
  ...tenantTable('reconciliation', 'return_items', { app: 'SELECT, INSERT' }),
];

/** Which match of an item is in the ledger: matched, undone and matched again are three entries, each booked once. */
const deposits = [
  `CREATE TABLE deposit_bookings (
     tenant_id uuid NOT NULL,
     item_id bigint NOT NULL,
     n int NOT NULL,
     is_booked boolean NOT NULL,
     CONSTRAINT deposit_bookings_pkey PRIMARY KEY (tenant_id, item_id),
     CONSTRAINT deposit_bookings_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES items
   )`,
  ...tenantTable('reconciliation', 'deposit_bookings', { app: '' }),
  `CREATE INDEX items_for_the_bank ON items (state, tenant_id, id)
     WHERE side = 'A' AND set_name IN ('settlement_batch_deposit', 'ach_batch_deposit', 'remittance_deposit')`,
];

export class CreateSettlements1798005000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...projections, ...settlements, ...returns, ...deposits]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
