import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface PricedQuoteRow {
  readonly tenantId: string;
  /** The sender's. */
  readonly id: string;
  readonly contentHash: Buffer;
  readonly createdAt: Date;
}

const INSERT = `
  INSERT INTO priced_quotes (tenant_id, id, content_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`;

const HASH = `SELECT content_hash AS hash FROM priced_quotes WHERE tenant_id = $1 AND id = $2`;

@Injectable()
export class PricedQuoteRepository {
  /** @returns null where it is new, else the hash of what it was told with */
  async insert(tx: Tx, { tenantId, id, contentHash, createdAt }: PricedQuoteRow): Promise<Buffer | null> {
    if ((await tx.execute(INSERT, [tenantId, id, contentHash, createdAt])) === 1) return null;
    const [row] = await tx.query<{ hash: Buffer }>(HASH, [tenantId, id]);
    return row!.hash;
  }
}
