import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * Partners who sign their requests. Keys are looked up before their tenant is known, as clients are; what the lookup
 * shows of a secret is a ciphertext that opens with a key the database never sees.
 */
export class CreateApiKeys1796904500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...apiKeys, ...apiKeySecrets, ...signatureUses]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

// The unique api_key is the lookup's index, and may lack the tenant for the reason that client_id may.
const apiKeys = [
  `CREATE TABLE api_keys (
     tenant_id uuid NOT NULL,
     api_key text NOT NULL CONSTRAINT api_keys_api_key_form CHECK (api_key ~ '^ak_[a-z]{2,12}_[0-9A-Za-z]{22}$'),
     partner_id text NOT NULL CONSTRAINT api_keys_partner_id_form CHECK (partner_id ~ '^[0-9A-Za-z_-]{1,64}$'),
     profile text NOT NULL CONSTRAINT api_keys_profile_known CHECK (profile IN ('strict', 'xcover-compat')),
     algorithms text[] NOT NULL CONSTRAINT api_keys_algorithms_known CHECK (
       cardinality(algorithms) > 0 AND algorithms <@ ARRAY['hmac-sha512', 'hmac-sha384', 'hmac-sha256']),
     scopes text[] NOT NULL CONSTRAINT api_keys_scopes_some CHECK (cardinality(scopes) > 0),
     created_at timestamptz NOT NULL DEFAULT now(),
     disabled_at timestamptz,
     CONSTRAINT api_keys_pk PRIMARY KEY (tenant_id, api_key),
     CONSTRAINT api_keys_api_key_unique UNIQUE (api_key),
     CONSTRAINT api_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
   )`,
  ...tenantTable('gateway', 'api_keys', { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE' }),
  `CREATE POLICY api_keys_lookup ON api_keys FOR SELECT TO gateway_app USING (true)`,
];

const apiKeySecrets = [
  `CREATE TABLE api_key_secrets (
     tenant_id uuid NOT NULL,
     api_key text NOT NULL,
     slot smallint NOT NULL CONSTRAINT api_key_secrets_two_slots CHECK (slot IN (1, 2)),
     wrapped_key bytea NOT NULL,
     ciphertext bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz,
     CONSTRAINT api_key_secrets_pk PRIMARY KEY (tenant_id, api_key, slot),
     CONSTRAINT api_key_secrets_key_fk FOREIGN KEY (tenant_id, api_key) REFERENCES api_keys (tenant_id, api_key)
   )`,
  ...tenantTable('gateway', 'api_key_secrets', { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE, DELETE' }),
  `CREATE POLICY api_key_secrets_lookup ON api_key_secrets FOR SELECT TO gateway_app USING (true)`,
];

// A signature is good once: kept until its date is out of the window whatever the clocks, then swept by those that
// come after it.
const signatureUses = [
  `CREATE TABLE signature_uses (
     tenant_id uuid NOT NULL,
     api_key text NOT NULL,
     signature bytea NOT NULL CONSTRAINT signature_uses_signature_length CHECK (octet_length(signature) <= 64),
     expires_at timestamptz NOT NULL,
     CONSTRAINT signature_uses_pk PRIMARY KEY (tenant_id, api_key, signature),
     CONSTRAINT signature_uses_key_fk FOREIGN KEY (tenant_id, api_key) REFERENCES api_keys (tenant_id, api_key)
   )`,
  `CREATE INDEX signature_uses_expiry ON signature_uses (tenant_id, expires_at)`,
  ...tenantTable('gateway', 'signature_uses', {
    // To lock rows, so that two requests do not sweep the same ones, takes the right to update a column.
    app: 'SELECT, INSERT, UPDATE (expires_at), DELETE',
    worker: 'SELECT, DELETE',
  }),
];
