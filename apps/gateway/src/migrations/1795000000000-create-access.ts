import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * Who may call. The app role only reads, and notes when a secret was used; the operator's commands write, as the
 * worker role.
 *
 * A client is looked up before its tenant is known: it is the client that says which tenant it is. Hence the three
 * policies `…_lookup`, for SELECT alone. They widen what a transaction of the gateway may read, never what it may
 * write, and what they show is no tenant's business data: names, scopes, and hashes that need the pepper to be of use.
 */
export class CreateAccess1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tenants, ...clients, ...clientSecrets]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

const readOnly = { app: 'SELECT', worker: 'SELECT, INSERT, UPDATE' };

const tenants = [
  `CREATE TABLE tenants (
     tenant_id uuid NOT NULL,
     name text NOT NULL CONSTRAINT tenants_name_length CHECK (length(name) BETWEEN 1 AND 200),
     currency text NOT NULL CONSTRAINT tenants_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
     created_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT tenants_pk PRIMARY KEY (tenant_id)
   )`,
  ...tenantTable('gateway', 'tenants', readOnly),
  `CREATE POLICY tenants_lookup ON tenants FOR SELECT TO gateway_app USING (true)`,
];

// The unique client_id is the lookup's index. It does not start with tenant_id, and may: ids are 131 random bits, so
// that a collision that would tell of another tenant's client does not happen.
const clients = [
  `CREATE TABLE clients (
     tenant_id uuid NOT NULL,
     client_id text NOT NULL CONSTRAINT clients_client_id_form CHECK (client_id ~ '^ci_[a-z]{2,12}_[0-9A-Za-z]{22}$'),
     name text NOT NULL CONSTRAINT clients_name_length CHECK (length(name) BETWEEN 1 AND 200),
     scopes text[] NOT NULL CONSTRAINT clients_scopes_some CHECK (cardinality(scopes) > 0),
     created_at timestamptz NOT NULL DEFAULT now(),
     disabled_at timestamptz,
     CONSTRAINT clients_pk PRIMARY KEY (tenant_id, client_id),
     CONSTRAINT clients_client_id_unique UNIQUE (client_id),
     CONSTRAINT clients_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
   )`,
  ...tenantTable('gateway', 'clients', readOnly),
  `CREATE POLICY clients_lookup ON clients FOR SELECT TO gateway_app USING (true)`,
];

// Two slots: a third secret cannot exist. A new one takes the slot that is empty or expired.
const clientSecrets = [
  `CREATE TABLE client_secrets (
     tenant_id uuid NOT NULL,
     client_id text NOT NULL,
     slot smallint NOT NULL CONSTRAINT client_secrets_two_slots CHECK (slot IN (1, 2)),
     secret_hmac bytea NOT NULL CONSTRAINT client_secrets_hmac_length CHECK (octet_length(secret_hmac) = 32),
     pepper_kid text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz,
     last_used_at timestamptz,
     CONSTRAINT client_secrets_pk PRIMARY KEY (tenant_id, client_id, slot),
     CONSTRAINT client_secrets_client_fk FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, client_id)
   )`,
  ...tenantTable('gateway', 'client_secrets', {
    app: 'SELECT, UPDATE (last_used_at)',
    worker: 'SELECT, INSERT, UPDATE, DELETE',
  }),
  `CREATE POLICY client_secrets_lookup ON client_secrets FOR SELECT TO gateway_app USING (true)`,
];
