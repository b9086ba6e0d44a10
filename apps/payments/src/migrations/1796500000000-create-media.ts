import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

const grants = { app: 'SELECT, INSERT, DELETE', worker: 'SELECT' };

const media = [
  `CREATE TABLE media (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_id uuid NOT NULL,
     name text NOT NULL CONSTRAINT media_name CHECK (length(name) BETWEEN 1 AND 128),
     content_type text NOT NULL CONSTRAINT media_content_type CHECK (content_type IN ('application/pdf', 'image/png',
       'image/jpeg', 'image/tiff', 'text/csv', 'text/plain')),
     size_bytes integer NOT NULL CONSTRAINT media_size_positive CHECK (size_bytes > 0),
     sha256 text NOT NULL CONSTRAINT media_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
     masked boolean NOT NULL,
     suspected boolean NOT NULL,
     created_at timestamptz NOT NULL,
     CONSTRAINT media_pkey PRIMARY KEY (tenant_id, id),
     CONSTRAINT media_once_per_payment UNIQUE (tenant_id, payment_id, sha256),
     CONSTRAINT media_payment FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
   )`,
  ...tenantTable('payments', 'media', grants),
];

// A table of its own: what is known about files is listed with every page of payments, the bytes are not.
const contents = [
  `CREATE TABLE media_contents (
     tenant_id uuid NOT NULL,
     media_id uuid NOT NULL,
     bytes bytea NOT NULL CONSTRAINT media_contents_not_empty CHECK (octet_length(bytes) > 0),
     CONSTRAINT media_contents_pkey PRIMARY KEY (tenant_id, media_id),
     CONSTRAINT media_contents_media FOREIGN KEY (tenant_id, media_id) REFERENCES media (tenant_id, id)
   )`,
  // Pictures and PDFs are compressed already.
  `ALTER TABLE media_contents ALTER COLUMN bytes SET STORAGE EXTERNAL`,
  ...tenantTable('payments', 'media_contents', grants),
];

/** Files beside payments. */
export class CreateMedia1796500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...media, ...contents]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
