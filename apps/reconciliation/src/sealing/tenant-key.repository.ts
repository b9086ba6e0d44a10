import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface TenantKeyRow {
  readonly tenantId: string;
  readonly id: number;
  readonly wrapped: Buffer;
  readonly createdAt: Date;
}

const FIND = `
  SELECT tenant_id AS "tenantId", id, wrapped, created_at AS "createdAt" FROM tenant_keys
   WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1`;
const INSERT = `
  INSERT INTO tenant_keys (tenant_id, id, wrapped, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`;

@Injectable()
export class TenantKeyRepository {
  async find(tx: Tx, tenantId: string): Promise<TenantKeyRow | undefined> {
    return (await tx.query<TenantKeyRow>(FIND, [tenantId]))[0];
  }

  /** Another transaction may make one at the same moment: the first one's stands, so read it again. */
  async insert(tx: Tx, { tenantId, id, wrapped, createdAt }: TenantKeyRow): Promise<void> {
    await tx.execute(INSERT, [tenantId, id, wrapped, createdAt]);
  }
}
