import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SecretHash } from '../credentials/secret-hasher.ts';
import type { Client } from './client.ts';

interface Row {
  tenant_id: string;
  client_id: string;
  currency: string;
  scopes: string[];
  disabled_at: Date | null;
  slot: number | null;
  secret_hmac: Buffer;
  pepper_kid: string;
  expires_at: Date | null;
  last_used_at: Date | null;
}

const SELECT_CLIENT = `
  SELECT c.tenant_id, c.client_id, t.currency, c.scopes, c.disabled_at,
         s.slot, s.secret_hmac, s.pepper_kid, s.expires_at, s.last_used_at
    FROM clients c
    JOIN tenants t USING (tenant_id)
    LEFT JOIN client_secrets s USING (tenant_id, client_id)
   WHERE c.client_id = $1
   ORDER BY s.slot`;

export interface NewSecret extends SecretHash {
  tenantId: string;
  clientId: string;
  slot: number;
}

/**
 * Clients and their secrets. Reads need no tenant (see the migration); writes are the worker role's but for `touch`.
 */
@Injectable()
export class ClientRepository {
  async find(tx: Tx, clientId: string): Promise<Client | null> {
    const rows = await tx.query<Row>(SELECT_CLIENT, [clientId]);
    const [first] = rows;
    if (!first) return null;
    return {
      tenantId: first.tenant_id,
      clientId: first.client_id,
      currency: first.currency,
      scopes: first.scopes,
      disabledAt: first.disabled_at,
      secrets: rows.flatMap((row) => (row.slot === null ? [] : [{ ...secretOf(row), slot: row.slot }])),
    };
  }

  /** Holds the client's row, so that two rotations at once do not take the same slot. */
  async lock(tx: Tx, clientId: string): Promise<Client | null> {
    await tx.execute('SELECT 1 FROM clients WHERE client_id = $1 FOR UPDATE', [clientId]);
    return this.find(tx, clientId);
  }

  async touch(tx: Tx, tenantId: string, clientId: string, slot: number): Promise<void> {
    await tx.execute(
      `UPDATE client_secrets SET last_used_at = now()
        WHERE tenant_id = $1 AND client_id = $2 AND slot = $3
          AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
      [tenantId, clientId, slot],
    );
  }

  async upsertTenant(tx: Tx, tenant: { id: string; name: string; currency: string }): Promise<void> {
    await tx.execute(
      `INSERT INTO tenants (tenant_id, name, currency) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id) DO UPDATE SET name = excluded.name, currency = excluded.currency`,
      [tenant.id, tenant.name, tenant.currency],
    );
  }

  async upsert(tx: Tx, client: { tenantId: string; clientId: string; name: string; scopes: readonly string[] }) {
    await tx.execute(
      `INSERT INTO clients (tenant_id, client_id, name, scopes) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, client_id) DO UPDATE
         SET name = excluded.name, scopes = excluded.scopes, disabled_at = NULL`,
      [client.tenantId, client.clientId, client.name, client.scopes],
    );
  }

  async putSecret(tx: Tx, secret: NewSecret): Promise<void> {
    await tx.execute(
      `INSERT INTO client_secrets (tenant_id, client_id, slot, secret_hmac, pepper_kid) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, client_id, slot) DO UPDATE
         SET secret_hmac = excluded.secret_hmac, pepper_kid = excluded.pepper_kid,
             created_at = now(), expires_at = NULL, last_used_at = NULL`,
      [secret.tenantId, secret.clientId, secret.slot, secret.hmac, secret.pepperKid],
    );
  }

  /** Ends every usable secret but `slotKept`, at the latest at `expiresAt`. */
  async expireOthers(tx: Tx, client: Client, slotKept: number, expiresAt: Date): Promise<void> {
    await tx.execute(
      `UPDATE client_secrets SET expires_at = least(expires_at, $4)
        WHERE tenant_id = $1 AND client_id = $2 AND slot <> $3`,
      [client.tenantId, client.clientId, slotKept, expiresAt],
    );
  }

  async disable(tx: Tx, client: Client): Promise<void> {
    await tx.execute(
      'UPDATE clients SET disabled_at = coalesce(disabled_at, now()) WHERE tenant_id = $1 AND client_id = $2',
      [client.tenantId, client.clientId],
    );
    await tx.execute('DELETE FROM client_secrets WHERE tenant_id = $1 AND client_id = $2', [
      client.tenantId,
      client.clientId,
    ]);
  }
}

function secretOf(row: Row) {
  return { hmac: row.secret_hmac, pepperKid: row.pepper_kid, expiresAt: row.expires_at, lastUsedAt: row.last_used_at };
}
