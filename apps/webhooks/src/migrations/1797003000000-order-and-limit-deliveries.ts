import { tenantTable } from '@quittance/service-kit/database/tenant-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * endpoints       how it wants its deliveries: in which order, how many a second, how many at once
 * tenant_configs  weight: the tenant's share of a dispatcher's slots, compared with the others'
 * deliveries      ordering_key and ordering_at (the version of the subject) where the endpoint keeps an order; two
 *                 indexes find the head of a key and what is tried again, and cost other endpoints' rows nothing
 * ordering_gaps   what an ordered endpoint did not get, until it has been told so
 */
const statements = [
  `ALTER TABLE endpoints
     ADD COLUMN ordering text NOT NULL DEFAULT 'none',
     ADD COLUMN rate_per_second integer,
     ADD COLUMN max_concurrency integer NOT NULL DEFAULT 32,
     ADD COLUMN breaker_opened_at timestamptz,
     ADD CONSTRAINT endpoints_ordering CHECK (ordering IN ('none', 'key_block', 'key_skip')),
     ADD CONSTRAINT endpoints_rate_per_second CHECK (rate_per_second BETWEEN 1 AND 10000),
     ADD CONSTRAINT endpoints_max_concurrency CHECK (max_concurrency BETWEEN 1 AND 256)`,
  `ALTER TABLE tenant_configs
     ADD COLUMN weight smallint NOT NULL DEFAULT 1,
     ADD CONSTRAINT tenant_configs_weight CHECK (weight BETWEEN 1 AND 100)`,
  `ALTER TABLE deliveries
     ADD COLUMN ordering_key text COLLATE "C",
     ADD COLUMN ordering_at integer,
     ADD CONSTRAINT deliveries_ordering CHECK ((ordering_key IS NULL) = (ordering_at IS NULL))`,
  `CREATE INDEX deliveries_ordered ON deliveries (shard, endpoint_id, ordering_key, ordering_at, id)
    WHERE ordering_key IS NOT NULL`,
  `CREATE INDEX deliveries_tried ON deliveries (shard, endpoint_id, due_at, id)
    WHERE ordering_key IS NOT NULL AND attempt > 0`,
  `CREATE TABLE ordering_gaps (
     tenant_id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     ordering_key text NOT NULL,
     delivery_id uuid NOT NULL,
     message_id uuid NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT ordering_gaps_pk PRIMARY KEY (tenant_id, endpoint_id, ordering_key, delivery_id),
     CONSTRAINT ordering_gaps_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id)
   )`,
  ...tenantTable('webhooks', 'ordering_gaps', { app: '', worker: 'SELECT, INSERT, DELETE' }),
];

export class OrderAndLimitDeliveries1797003000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
