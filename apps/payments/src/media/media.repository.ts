import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Media } from '../domain/media.ts';
import { rowMap } from '../rows.ts';
import { MediaEntity } from './media.entity.ts';
import type { MediaKey } from './media-store.ts';

export interface PaymentMediaKey extends MediaKey {
  readonly paymentId: string;
}

const rows = rowMap(MediaEntity);
const insertSql = `
  INSERT INTO media (${rows.columns()}) VALUES (${rows.placeholders})
  ON CONFLICT ON CONSTRAINT media_once_per_payment DO NOTHING`;
const findSameSql = `
  SELECT ${rows.columns()} FROM media WHERE tenant_id = $1 AND payment_id = $2 AND sha256 = $3`;
const findSql = `
  SELECT ${rows.columns()} FROM media WHERE tenant_id = $1 AND payment_id = $2 AND id = $3`;
const findOfSql = `
  SELECT ${rows.columns('m.')} FROM media m
    JOIN unnest($1::uuid[], $2::uuid[]) k (tenant_id, id) ON m.tenant_id = k.tenant_id AND m.payment_id = k.id
   ORDER BY m.id`;
const deleteSql = 'DELETE FROM media WHERE tenant_id = $1 AND id = $2';

@Injectable()
export class MediaRepository {
  /** Whether it was inserted: the payment may have the same bytes already, also since a moment ago. */
  async insert(tx: Tx, media: Media): Promise<boolean> {
    return (await tx.execute(insertSql, rows.values(media))) === 1;
  }

  async findSame(tx: Tx, { tenantId, paymentId, sha256 }: Media): Promise<Media | null> {
    return this.one(await tx.query<object>(findSameSql, [tenantId, paymentId, sha256]));
  }

  async find(tx: Tx, { tenantId, paymentId, id }: PaymentMediaKey): Promise<Media | null> {
    return this.one(await tx.query<object>(findSql, [tenantId, paymentId, id]));
  }

  /** Of a page of payments, oldest first. */
  async findOf(tx: Tx, payments: readonly { tenantId: string; id: string }[]): Promise<Media[]> {
    if (payments.length === 0) return [];
    const keys = [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)];
    return (await tx.query<object>(findOfSql, keys)).map((row) => rows.fromRow(row));
  }

  async delete(tx: Tx, { tenantId, id }: MediaKey): Promise<void> {
    await tx.execute(deleteSql, [tenantId, id]);
  }

  private one([row]: object[]): Media | null {
    return row ? rows.fromRow(row) : null;
  }
}
