import { tenantTable } from '@quittance/service-kit/database/tenant-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * pull_positions   one row a tenant: the last place in its feed. Who places messages holds it until the commit, so that
 *                  places become visible in their order (docs/adr/0019). Never removed: places are not given twice
 * pull_consumers   who fetches its messages itself: what it wants, what it signs with, how far it got. It has no
 *                  deliveries; it reads the messages of its tenant by their places
 * messages         get their place; null for tenants without a consumer
 *
 * And what the pages about one message or one endpoint are read by. Ids are made in the order of time, so each of these
 * indexes grows at one end for each of its keys.
 */
const tables = [
  `CREATE TABLE pull_positions (
     tenant_id uuid NOT NULL,
     last_position bigint NOT NULL DEFAULT 0,
     CONSTRAINT pull_positions_pk PRIMARY KEY (tenant_id),
     CONSTRAINT pull_positions_not_negative CHECK (last_position >= 0)
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE pull_consumers (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     name text NOT NULL,
     event_types text[],
     channels text[],
     filter jsonb,
     content_mode text NOT NULL,
     payload_version smallint NOT NULL,
     ciphertext bytea NOT NULL,
     key_version smallint NOT NULL,
     acknowledged bigint NOT NULL,
     acknowledged_at timestamptz,
     created_at timestamptz NOT NULL,
     CONSTRAINT pull_consumers_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT pull_consumers_position FOREIGN KEY (tenant_id) REFERENCES pull_positions (tenant_id),
     CONSTRAINT pull_consumers_name CHECK (length(name) BETWEEN 1 AND 100),
     CONSTRAINT pull_consumers_channels CHECK (cardinality(channels) BETWEEN 1 AND 10),
     CONSTRAINT pull_consumers_filter CHECK (jsonb_typeof(filter) = 'object'),
     CONSTRAINT pull_consumers_content_mode CHECK (content_mode IN ('full', 'thin')),
     CONSTRAINT pull_consumers_payload_version CHECK (payload_version >= 1),
     CONSTRAINT pull_consumers_acknowledged CHECK (acknowledged >= 0)
   )`,
  `ALTER TABLE messages ADD COLUMN position bigint`,
  `CREATE INDEX messages_by_position ON messages (tenant_id, position) WHERE position IS NOT NULL`,
  `CREATE INDEX IF NOT EXISTS deliveries_by_message ON deliveries (tenant_id, message_id)`,
  `CREATE INDEX IF NOT EXISTS attempts_by_message ON attempts (tenant_id, message_id)`,
  `CREATE INDEX attempts_by_endpoint ON attempts (tenant_id, endpoint_id, id)`,
];

const access = [
  ...tenantTable('webhooks', 'pull_positions', { worker: 'SELECT, UPDATE' }),
  ...tenantTable('webhooks', 'pull_consumers', { app: 'SELECT, INSERT, UPDATE, DELETE', worker: 'SELECT' }),
  // A tenant publishes over HTTP.
  `GRANT INSERT ON messages TO webhooks_app`,
];

export class AddPullFeed1797006000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tables, ...access]) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
