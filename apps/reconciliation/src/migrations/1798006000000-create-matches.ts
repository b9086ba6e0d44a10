import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * What an item is matched with stands in its own row, so no item can be in two matches. `item_news` are those that no
 * run has seen: taken out by the run, not passed over by a number that commits late.
 */
const items = [
  `ALTER TABLE items
     ADD COLUMN match_id uuid,
     ADD COLUMN withdrawn_by uuid,
     ADD COLUMN told_late_at timestamptz,
     ADD CONSTRAINT items_matched CHECK ((state = 'matched') = (match_id IS NOT NULL)),
     ADD CONSTRAINT items_withdrawn CHECK (withdrawn_by IS NULL OR state = 'withdrawn')`,
  `CREATE INDEX items_open_reference ON items (tenant_id, set_name, side, reference) WHERE state = 'open'`,
  `CREATE INDEX items_open_amount ON items (tenant_id, set_name, side, currency, amount_minor, dated_on)
     WHERE state = 'open'`,
  `CREATE INDEX items_open_group ON items (tenant_id, set_name, side, batch_reference)
     WHERE state = 'open' AND batch_reference IS NOT NULL`,
  `CREATE INDEX items_awaited ON items (dated_on)
     WHERE set_name = 'remittance_deposit' AND state = 'open' AND told_late_at IS NULL`,
  `CREATE INDEX items_unknown ON items (dated_on)
     WHERE set_name = 'settlement_batch_deposit' AND side = 'B' AND amount_minor > 0 AND state = 'open'
       AND told_late_at IS NULL`,
  `CREATE INDEX items_withdrawn_by ON items (tenant_id, withdrawn_by) WHERE withdrawn_by IS NOT NULL`,
  `CREATE TABLE item_news (
     tenant_id uuid NOT NULL,
     set_name text NOT NULL,
     item_id bigint NOT NULL,
     CONSTRAINT item_news_pkey PRIMARY KEY (tenant_id, set_name, item_id)
   )`,
  ...tenantTable('reconciliation', 'item_news', { app: 'SELECT, INSERT, DELETE' }),
];

/** A match names its items for good; that it holds is said by theirs. No foreign keys: a run writes a million. */
const matches = [
  `CREATE TABLE matches (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     set_name text NOT NULL,
     rule text NOT NULL,
     score smallint NOT NULL,
     state text NOT NULL CONSTRAINT matches_state CHECK (state IN ('proposed', 'confirmed', 'reverted', 'declined')),
     currency char(3) NOT NULL CONSTRAINT matches_currency CHECK (currency ~ '^[A-Z]{3}$'),
     amount_minor bigint NOT NULL,
     diff_minor bigint NOT NULL DEFAULT 0,
     diff_reason text,
     a_items bigint[] NOT NULL,
     b_items bigint[] NOT NULL,
     run_id uuid,
     version int NOT NULL DEFAULT 1,
     created_by text,
     created_at timestamptz NOT NULL,
     confirmed_by text,
     ended_by text,
     ended_at timestamptz,
     reason text,
     booked_at timestamptz,
     mirrored_at timestamptz,
     CONSTRAINT matches_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT matches_difference CHECK ((diff_minor = 0) = (diff_reason IS NULL)),
     CONSTRAINT matches_sides CHECK (cardinality(a_items) > 0 AND cardinality(b_items) > 0),
     CONSTRAINT matches_four_eyes CHECK (confirmed_by IS NULL OR confirmed_by <> created_by)
   )`,
  `CREATE INDEX matches_to_book ON matches (created_at)
     WHERE diff_minor <> 0 AND (booked_at IS NULL OR mirrored_at IS NULL)`,
  ...tenantTable('reconciliation', 'matches'),
  `CREATE TABLE rejected_pairs (
     tenant_id uuid NOT NULL,
     a_item bigint NOT NULL,
     b_item bigint NOT NULL,
     rejected_by text NOT NULL,
     reason text NOT NULL,
     rejected_at timestamptz NOT NULL,
     CONSTRAINT rejected_pairs_pkey PRIMARY KEY (tenant_id, a_item, b_item)
   )`,
  ...tenantTable('reconciliation', 'rejected_pairs', { app: 'SELECT, INSERT' }),
  `CREATE TABLE suggestions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL DEFAULT uuidv7(),
     set_name text NOT NULL,
     rule text NOT NULL,
     score smallint NOT NULL,
     currency char(3) NOT NULL,
     diff_minor bigint NOT NULL,
     a_items bigint[] NOT NULL,
     b_items bigint[] NOT NULL,
     evidence jsonb NOT NULL,
     run_id uuid NOT NULL,
     CONSTRAINT suggestions_pkey PRIMARY KEY (tenant_id, id)
   )`,
  `CREATE INDEX suggestions_of_set ON suggestions (tenant_id, set_name, id)`,
  `CREATE INDEX suggestions_of_item ON suggestions USING gin (b_items)`,
  ...tenantTable('reconciliation', 'suggestions', { app: 'SELECT, DELETE' }),
];

/** Rules by set and version, the newest holds; and each run with the version that it went by. */
const runs = [
  `CREATE TABLE recon_rules (
     tenant_id uuid NOT NULL,
     set_name text NOT NULL,
     version int NOT NULL CONSTRAINT recon_rules_version CHECK (version > 0),
     rules jsonb NOT NULL,
     created_by text NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT recon_rules_pkey PRIMARY KEY (tenant_id, set_name, version)
   )`,
  ...tenantTable('reconciliation', 'recon_rules', { app: 'SELECT, INSERT' }),
  `CREATE TABLE recon_runs (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     set_name text NOT NULL,
     kind text NOT NULL CONSTRAINT recon_runs_kind CHECK (kind IN ('full', 'news')),
     is_dry boolean NOT NULL DEFAULT false,
     state text NOT NULL CONSTRAINT recon_runs_state CHECK (state IN ('queued', 'done')),
     rules_version int,
     counts jsonb,
     requested_by text,
     requested_at timestamptz NOT NULL,
     finished_at timestamptz,
     told_through uuid,
     is_told boolean NOT NULL DEFAULT false,
     CONSTRAINT recon_runs_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT recon_runs_done CHECK ((state = 'done') = (finished_at IS NOT NULL))
   )`,
  `CREATE INDEX recon_runs_queued ON recon_runs (requested_at) WHERE state = 'queued'`,
  `CREATE INDEX recon_runs_untold ON recon_runs (finished_at) WHERE state = 'done' AND NOT is_told`,
  `CREATE INDEX recon_runs_old_news ON recon_runs (finished_at) WHERE kind = 'news' AND is_told`,
  `CREATE INDEX recon_runs_of_set ON recon_runs (tenant_id, set_name, kind, finished_at)`,
  ...tenantTable('reconciliation', 'recon_runs'),
];

export class CreateMatches1798006000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...items, ...matches, ...runs]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
