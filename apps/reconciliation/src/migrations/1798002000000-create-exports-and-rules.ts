import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What was exported, and the bytes of it: an export is the same for ever, whatever is booked or written later. */
const exports = [
  `CREATE INDEX IF NOT EXISTS journal_entries_seq ON journal_entries (tenant_id, seq)`,
  `CREATE TABLE gl_exports (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     format text NOT NULL CONSTRAINT gl_exports_format
       CHECK (format IN ('hledger', 'beancount', 'iif', 'qbo', 'xero', 'csv')),
     detail text NOT NULL CONSTRAINT gl_exports_detail CHECK (detail IN ('daily', 'entries')),
     from_seq bigint NOT NULL,
     to_seq bigint NOT NULL,
     entries integer NOT NULL CONSTRAINT gl_exports_entries CHECK (entries > 0),
     sha256 bytea NOT NULL CONSTRAINT gl_exports_sha256 CHECK (octet_length(sha256) = 32),
     created_at timestamptz NOT NULL,
     CONSTRAINT gl_exports_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT gl_exports_range CHECK (from_seq <= to_seq)
   )`,
  `CREATE INDEX gl_exports_latest ON gl_exports (tenant_id, format, to_seq)`,
  ...tenantTable('reconciliation', 'gl_exports', { app: 'SELECT, INSERT', worker: '' }),
  `CREATE TABLE gl_export_parts (
     tenant_id uuid NOT NULL,
     export_id uuid NOT NULL,
     part smallint NOT NULL CONSTRAINT gl_export_parts_part CHECK (part > 0),
     extension text NOT NULL,
     content_type text NOT NULL,
     content bytea NOT NULL,
     CONSTRAINT gl_export_parts_pkey PRIMARY KEY (tenant_id, export_id, part),
     CONSTRAINT gl_export_parts_export_fkey FOREIGN KEY (tenant_id, export_id) REFERENCES gl_exports (tenant_id, id)
   )`,
  ...tenantTable('reconciliation', 'gl_export_parts', { app: 'SELECT, INSERT', worker: '' }),
];

const settings = [
  `CREATE TABLE ledger_settings (
     tenant_id uuid NOT NULL CONSTRAINT ledger_settings_pkey PRIMARY KEY,
     rule_set text NOT NULL CONSTRAINT ledger_settings_rule_set CHECK (rule_set IN ('carrier', 'agency_bill')),
     commission_ppm integer NOT NULL CONSTRAINT ledger_settings_commission
       CHECK (commission_ppm BETWEEN 0 AND 1000000),
     earning text NOT NULL CONSTRAINT ledger_settings_earning CHECK (earning IN ('off', 'daily', 'monthly')),
     updated_at timestamptz NOT NULL,
     CONSTRAINT ledger_settings_no_premium_of_others CHECK (rule_set = 'carrier' OR earning = 'off')
   )`,
  ...tenantTable('reconciliation', 'ledger_settings', { worker: 'SELECT' }),
];

/** What billing said of the premium of a policy, and how much of it is earned. */
const premiums = [
  `CREATE TABLE premium_transactions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     seq bigint GENERATED ALWAYS AS IDENTITY,
     policy_locator text NOT NULL,
     term_number integer NOT NULL,
     type text NOT NULL,
     effective_on date NOT NULL,
     invalidates uuid,
     charges jsonb NOT NULL,
     CONSTRAINT premium_transactions_pkey PRIMARY KEY (tenant_id, id)
   )`,
  `CREATE INDEX premium_transactions_policy ON premium_transactions (tenant_id, policy_locator)`,
  ...tenantTable('reconciliation', 'premium_transactions', { app: '', worker: 'SELECT, INSERT' }),
  `CREATE TABLE earned_premiums (
     tenant_id uuid NOT NULL,
     policy_locator text NOT NULL,
     currency char(3) NOT NULL CONSTRAINT earned_premiums_currency CHECK (currency ~ '^[A-Z]{3}$'),
     earned_minor bigint NOT NULL DEFAULT 0,
     earned_until date NOT NULL DEFAULT '-infinity',
     steps integer NOT NULL DEFAULT 0,
     CONSTRAINT earned_premiums_pkey PRIMARY KEY (tenant_id, policy_locator)
   )`,
  `CREATE INDEX earned_premiums_due ON earned_premiums (tenant_id, earned_until)`,
  ...tenantTable('reconciliation', 'earned_premiums', { app: '', worker: 'SELECT, INSERT, UPDATE' }),
];

export class CreateExportsAndRules1798002000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...exports, ...settings, ...premiums]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
