import { tenantTable } from '@quittance/service-kit/database/tenant-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * endpoint_health  one row an endpoint that has ever failed, written when it begins to, fails on, and is well again
 * backlog_gaps     where events went that became no delivery: the endpoint was disabled, or its backlog was full
 * replay_jobs      what is sent again, and how far that has come; a step moves the cursor and queues in one transaction
 * deliveries       know how many attempts were made before they were queued again: the schedule starts anew there
 */
const tables = [
  `ALTER TABLE endpoints
     ADD COLUMN retry_schedule integer[],
     ADD CONSTRAINT endpoints_retry_schedule CHECK (
       cardinality(retry_schedule) BETWEEN 1 AND 20 AND retry_schedule[1] = 0
       AND 0 <= ALL (retry_schedule) AND 86400 >= ALL (retry_schedule))`,
  `ALTER TABLE deliveries
     ADD COLUMN tried_before smallint NOT NULL DEFAULT 0,
     ADD CONSTRAINT deliveries_tried_before CHECK (tried_before BETWEEN 0 AND attempt)`,
  // What an endpoint has of a message: ids are made in the order of time, so each grows at one end.
  `CREATE INDEX deliveries_by_message ON deliveries (tenant_id, message_id)`,
  `CREATE INDEX attempts_by_message ON attempts (tenant_id, message_id)`,
  `CREATE TABLE endpoint_health (
     tenant_id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     failing_since timestamptz,
     failures integer NOT NULL DEFAULT 0,
     exhausted integer NOT NULL DEFAULT 0,
     suspects integer NOT NULL DEFAULT 0,
     last_failure_at timestamptz,
     last_status smallint,
     notices smallint NOT NULL DEFAULT 0,
     assess_at timestamptz,
     backlog_high boolean NOT NULL DEFAULT false,
     CONSTRAINT endpoint_health_pk PRIMARY KEY (tenant_id, endpoint_id),
     CONSTRAINT endpoint_health_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
     CONSTRAINT endpoint_health_failing CHECK (failing_since IS NOT NULL OR failures = 0)
   ) WITH (fillfactor = 70)`,
  // Of all tenants: the one that watches them asks for what is due, whoever's it is.
  `CREATE INDEX endpoint_health_due ON endpoint_health (assess_at) WHERE assess_at IS NOT NULL`,
  `ALTER TABLE tenant_configs
     ADD COLUMN backlog_high boolean NOT NULL DEFAULT false,
     ADD COLUMN backlog_version integer NOT NULL DEFAULT 0`,
  `CREATE TABLE backlog_gaps (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     reason text NOT NULL,
     first_message_id uuid NOT NULL,
     last_message_id uuid NOT NULL,
     missed bigint NOT NULL,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     recovered_at timestamptz,
     replay_id uuid,
     CONSTRAINT backlog_gaps_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT backlog_gaps_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
     CONSTRAINT backlog_gaps_reason CHECK (reason IN ('disabled', 'backlog_full')),
     CONSTRAINT backlog_gaps_missed CHECK (missed > 0),
     CONSTRAINT backlog_gaps_order CHECK (first_message_id <= last_message_id),
     CONSTRAINT backlog_gaps_recovered CHECK ((recovered_at IS NULL) = (replay_id IS NULL))
   )`,
  // One that grows for each reason, so that an endpoint which is off for a month costs one row.
  `CREATE UNIQUE INDEX backlog_gaps_open ON backlog_gaps (tenant_id, endpoint_id, reason) WHERE recovered_at IS NULL`,
  `CREATE TABLE replay_jobs (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     from_id uuid NOT NULL,
     until_id uuid NOT NULL,
     event_types text[],
     only_failed boolean NOT NULL,
     rate_per_second smallint NOT NULL,
     state text NOT NULL,
     failure text,
     cursor_id uuid NOT NULL,
     scanned bigint NOT NULL DEFAULT 0,
     replayed bigint NOT NULL DEFAULT 0,
     version integer NOT NULL DEFAULT 0,
     horizon xid8,
     next_step_at timestamptz NOT NULL,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     finished_at timestamptz,
     CONSTRAINT replay_jobs_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT replay_jobs_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
     CONSTRAINT replay_jobs_state CHECK (state IN ('running', 'completed', 'cancelled', 'failed')),
     CONSTRAINT replay_jobs_failure CHECK ((state = 'failed') = (failure IS NOT NULL)),
     CONSTRAINT replay_jobs_finished CHECK ((state = 'running') = (finished_at IS NULL)),
     CONSTRAINT replay_jobs_range CHECK (from_id < until_id),
     CONSTRAINT replay_jobs_rate CHECK (rate_per_second BETWEEN 1 AND 500)
   )`,
  `CREATE INDEX replay_jobs_by_endpoint ON replay_jobs (tenant_id, endpoint_id, id)`,
  `CREATE INDEX replay_jobs_due ON replay_jobs (next_step_at) WHERE state = 'running'`,
];

const access = [
  ...tenantTable('webhooks', 'endpoint_health', { app: 'SELECT, UPDATE', worker: 'SELECT, INSERT, UPDATE' }),
  ...tenantTable('webhooks', 'backlog_gaps', { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE' }),
  ...tenantTable('webhooks', 'replay_jobs', { worker: 'SELECT, UPDATE' }),
];

export class WatchAndRecover1797004000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tables, ...access]) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
