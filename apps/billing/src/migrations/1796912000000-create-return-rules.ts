import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** How premium is given back, and until when: dated rows, as those of notices. */
export class CreateReturnRules1796912000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE TABLE return_rules (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     jurisdiction text,
     line text,
     reason text CONSTRAINT return_rules_reason
       CHECK (reason IN ('non_payment', 'insured_request', 'underwriting', 'flat', 'rewrite')),
     tenure_from_days integer NOT NULL,
     tenure_to_days integer,
     effective_from date NOT NULL,
     effective_to date,
     methods text[] NOT NULL CONSTRAINT return_rules_methods
       CHECK (methods <@ ARRAY['pro_rata', 'short_rate_90', 'short_rate_table', 'flat']),
     due_days integer NOT NULL CONSTRAINT return_rules_due_days CHECK (due_days >= 0),
     count_from text NOT NULL CONSTRAINT return_rules_count_from
       CHECK (count_from IN ('effective', 'request', 'later_of_both')),
     -- Millionths.
     returned_at_least bigint NOT NULL CONSTRAINT return_rules_least CHECK (returned_at_least BETWEEN 0 AND 1000000),
     late_part bigint CONSTRAINT return_rules_late CHECK (late_part BETWEEN 0 AND 1000000),
     returns_fees_on_flat boolean NOT NULL,
     short_rate_table jsonb,
     citation text NOT NULL,
     -- Who has read the law: without a name there is no row, so that no example is ever in force by itself.
     reviewed_by text NOT NULL,
     CONSTRAINT return_rules_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT return_rules_not_empty CHECK (effective_to > effective_from)
   )`,
  // A row that was in force stays as it was: a later one takes its place.
  ...tenantTable('billing', 'return_rules', { app: 'SELECT, INSERT', worker: 'SELECT' }),
];
