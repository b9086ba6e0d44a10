import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What an endpoint asks of an event beyond its type, and the shape in which it is sent. A message keeps its channels,
 * so that whoever is sent it later is asked the same. `is_test`: made to try an endpoint out, and not for others.
 */
const columns = [
  `ALTER TABLE endpoints
     ADD COLUMN channels text[],
     ADD COLUMN filter jsonb,
     ADD COLUMN content_mode text NOT NULL DEFAULT 'full',
     ADD COLUMN payload_version smallint NOT NULL DEFAULT 1,
     ADD CONSTRAINT endpoints_channels CHECK (cardinality(channels) BETWEEN 1 AND 10),
     ADD CONSTRAINT endpoints_filter CHECK (jsonb_typeof(filter) = 'object'),
     ADD CONSTRAINT endpoints_content_mode CHECK (content_mode IN ('full', 'thin')),
     ADD CONSTRAINT endpoints_payload_version CHECK (payload_version >= 1)`,
  `ALTER TABLE messages
     ADD COLUMN channels text[] NOT NULL DEFAULT '{}',
     ADD COLUMN is_test boolean NOT NULL DEFAULT false`,
  // A test is stored by the request that asks for it.
  `GRANT INSERT ON messages TO webhooks_app`,
];

export class ShapeWebhooks1797002000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of columns) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
