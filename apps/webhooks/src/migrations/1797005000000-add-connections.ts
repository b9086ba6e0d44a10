import { tenantTable } from '@quittance/service-kit/database/tenant-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * endpoints             how to speak to the receiver, as far as it may be shown, and when it last consented
 * endpoint_credentials  the secret half of it, sealed: one row for what says who we are, one for the fixed headers
 * attempts              where the time of a request went, and whom it spoke to (for operators)
 */
const statements = [
  `ALTER TABLE endpoints
     ADD COLUMN timeout_seconds smallint,
     ADD COLUMN auth jsonb NOT NULL DEFAULT '{"type": "none"}',
     ADD COLUMN header_names text[] NOT NULL DEFAULT '{}',
     ADD COLUMN verified_at timestamptz,
     ADD CONSTRAINT endpoints_timeout CHECK (timeout_seconds BETWEEN 1 AND 30),
     ADD CONSTRAINT endpoints_auth CHECK ((auth ->> 'type') IN ('none', 'basic', 'bearer', 'oauth2', 'mtls')),
     ADD CONSTRAINT endpoints_auth_secret CHECK (NOT auth ?| ARRAY['password', 'token', 'clientSecret', 'privateKey']),
     ADD CONSTRAINT endpoints_header_names CHECK (cardinality(header_names) <= 20)`,
  `CREATE TABLE endpoint_credentials (
     tenant_id uuid NOT NULL,
     endpoint_id uuid NOT NULL,
     kind text NOT NULL,
     revision uuid NOT NULL,
     ciphertext bytea NOT NULL,
     key_version smallint NOT NULL,
     updated_at timestamptz NOT NULL,
     CONSTRAINT endpoint_credentials_pk PRIMARY KEY (tenant_id, endpoint_id, kind),
     CONSTRAINT endpoint_credentials_endpoint FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
     CONSTRAINT endpoint_credentials_kind CHECK (kind IN ('auth', 'headers'))
   )`,
  ...tenantTable('webhooks', 'endpoint_credentials', { app: 'SELECT, INSERT, UPDATE, DELETE', worker: 'SELECT' }),
  `ALTER TABLE attempts
     ADD COLUMN dns_ms integer,
     ADD COLUMN connect_ms integer,
     ADD COLUMN tls_ms integer,
     ADD COLUMN first_byte_ms integer,
     ADD COLUMN remote_ip inet`,
];

export class AddConnections1797005000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
