import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

/** A data key as it is stored. `wrapped` null: it was destroyed. */
export interface TenantKeyRow {
  readonly tenantId: string;
  readonly id: number;
  readonly wrapped: Buffer | null;
  readonly createdAt: Date;
}

export interface NewTenantKey extends TenantKeyRow {
  readonly wrapped: Buffer;
  readonly keyVersion: number;
}

/** The key of a message's body, in SQL: the number stands in its second and third byte. See SecretBox. */
export const SEALED_UNDER = (message: string, key: string): string =>
  `get_byte(${message}.body, 0) = 1
   AND ${key}.id = get_byte(${message}.body, 1) * 256 + get_byte(${message}.body, 2)`;

const FIND = `
  SELECT tenant_id AS "tenantId", id, wrapped, created_at AS "createdAt" FROM tenant_keys
   WHERE tenant_id = ANY($1) ORDER BY tenant_id, id`;
const INSERT = `
  INSERT INTO tenant_keys (tenant_id, id, wrapped, key_version, created_at)
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::smallint[], $5::timestamptz[]) ON CONFLICT DO NOTHING`;
const DESTROY = `
  UPDATE tenant_keys SET wrapped = NULL, destroyed_at = $2 WHERE tenant_id = $1 AND destroyed_at IS NULL`;

@Injectable()
export class TenantKeyRepository {
  find(tx: Tx, tenantIds: readonly string[]): Promise<TenantKeyRow[]> {
    return tx.query<TenantKeyRow>(FIND, [tenantIds]);
  }

  /** Another transaction may make the same key at the same moment: the first one's stands, so read it again. */
  async insert(tx: Tx, keys: readonly NewTenantKey[]): Promise<void> {
    // In one order everywhere, so that two transactions cannot wait for each other.
    const sorted = keys.toSorted((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
    await tx.execute(INSERT, [
      ...[sorted.map((k) => k.tenantId), sorted.map((k) => k.id), sorted.map((k) => k.wrapped)],
      ...[sorted.map((k) => k.keyVersion), sorted.map((k) => k.createdAt)],
    ]);
  }

  destroyAll(tx: Tx, tenantId: string, at: Date): Promise<number> {
    return tx.execute(DESTROY, [tenantId, at]);
  }
}
