import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SealedSecret } from '@quittance/service-kit/secrets/envelope';
import type { Algorithm, Profile } from '../signatures/profile.ts';
import type { StoredApiKey } from './api-key.ts';

interface Row {
  tenant_id: string;
  api_key: string;
  partner_id: string;
  currency: string;
  scopes: string[];
  profile: Profile;
  algorithms: Algorithm[];
  disabled_at: Date | null;
  slot: number | null;
  wrapped_key: Buffer;
  ciphertext: Buffer;
  expires_at: Date | null;
}

const SELECT_KEY = `
  SELECT k.tenant_id, k.api_key, k.partner_id, t.currency, k.scopes, k.profile, k.algorithms, k.disabled_at,
         s.slot, s.wrapped_key, s.ciphertext, s.expires_at
    FROM api_keys k
    JOIN tenants t USING (tenant_id)
    LEFT JOIN api_key_secrets s USING (tenant_id, api_key)
   WHERE k.api_key = $1
   ORDER BY s.slot`;

const UPSERT_KEY = `
  INSERT INTO api_keys (tenant_id, api_key, partner_id, profile, algorithms, scopes) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (tenant_id, api_key) DO UPDATE
    SET partner_id = excluded.partner_id, profile = excluded.profile, algorithms = excluded.algorithms,
        scopes = excluded.scopes, disabled_at = NULL`;

const PUT_SECRET = `
  INSERT INTO api_key_secrets (tenant_id, api_key, slot, wrapped_key, ciphertext) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, api_key, slot) DO UPDATE
    SET wrapped_key = excluded.wrapped_key, ciphertext = excluded.ciphertext, created_at = now(), expires_at = NULL`;

const EXPIRE_OTHERS = `
  UPDATE api_key_secrets SET expires_at = least(expires_at, $4) WHERE tenant_id = $1 AND api_key = $2 AND slot <> $3`;

// Each use takes away a few that are over: the table holds what is in the window and little more, without a worker.
const USE_ONCE = `
  WITH over AS (
    SELECT api_key, signature FROM signature_uses
     WHERE tenant_id = $1 AND expires_at < $4 ORDER BY expires_at LIMIT 5 FOR UPDATE SKIP LOCKED
  ), swept AS (
    DELETE FROM signature_uses u USING over o
     WHERE u.tenant_id = $1 AND u.api_key = o.api_key AND u.signature = o.signature
  )
  INSERT INTO signature_uses (tenant_id, api_key, signature, expires_at) VALUES ($1, $2, $3, $5)
  ON CONFLICT (tenant_id, api_key, signature) DO NOTHING`;

export interface NewApiKey {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly partnerId: string;
  readonly profile: Profile;
  readonly algorithms: readonly Algorithm[];
  readonly scopes: readonly string[];
}

export interface NewSecret extends SealedSecret {
  readonly slot: number;
}

export interface SignatureUse {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly signature: Buffer;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** Partners' keys, and their secrets as they are sealed. Reads need no tenant, writes are the worker role's. */
@Injectable()
export class ApiKeyRepository {
  async find(tx: Tx, apiKey: string): Promise<StoredApiKey | null> {
    const rows = await tx.query<Row>(SELECT_KEY, [apiKey]);
    const [first] = rows;
    if (!first) return null;
    return {
      tenantId: first.tenant_id,
      apiKey: first.api_key,
      partnerId: first.partner_id,
      currency: first.currency,
      scopes: first.scopes,
      profile: first.profile,
      algorithms: first.algorithms,
      disabledAt: first.disabled_at,
      secrets: rows.flatMap(({ slot, wrapped_key: wrappedKey, ciphertext, expires_at: expiresAt }) =>
        slot === null ? [] : [{ slot, wrappedKey, ciphertext, expiresAt }],
      ),
    };
  }

  /** Holds the key's row, so that two rotations at once do not take the same slot. */
  async lock(tx: Tx, apiKey: string): Promise<StoredApiKey | null> {
    await tx.execute('SELECT 1 FROM api_keys WHERE api_key = $1 FOR UPDATE', [apiKey]);
    return this.find(tx, apiKey);
  }

  async upsert(tx: Tx, key: NewApiKey): Promise<void> {
    const { tenantId, apiKey, partnerId, profile, algorithms, scopes } = key;
    await tx.execute(UPSERT_KEY, [tenantId, apiKey, partnerId, profile, algorithms, scopes]);
  }

  async putSecret(tx: Tx, key: Pick<NewApiKey, 'tenantId' | 'apiKey'>, secret: NewSecret): Promise<void> {
    const { slot, wrappedKey, ciphertext } = secret;
    await tx.execute(PUT_SECRET, [key.tenantId, key.apiKey, slot, wrappedKey, ciphertext]);
  }

  /** Ends every usable secret but `slotKept`, at the latest at `expiresAt`. */
  async expireOthers(tx: Tx, key: Pick<NewApiKey, 'tenantId' | 'apiKey'>, slotKept: number, expiresAt: Date) {
    await tx.execute(EXPIRE_OTHERS, [key.tenantId, key.apiKey, slotKept, expiresAt]);
  }

  async disable(tx: Tx, { tenantId, apiKey }: Pick<NewApiKey, 'tenantId' | 'apiKey'>): Promise<void> {
    await tx.execute('UPDATE api_keys SET disabled_at = now() WHERE tenant_id = $1 AND api_key = $2', [
      tenantId,
      apiKey,
    ]);
    await tx.execute('DELETE FROM api_key_secrets WHERE tenant_id = $1 AND api_key = $2', [tenantId, apiKey]);
  }

  /** False where it was used before. */
  async useOnce(tx: Tx, { tenantId, apiKey, signature, now, expiresAt }: SignatureUse): Promise<boolean> {
    return (await tx.execute(USE_ONCE, [tenantId, apiKey, signature, now, expiresAt])) === 1;
  }
}
