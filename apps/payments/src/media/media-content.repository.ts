import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { MediaStore } from './media-store.ts';
import type { MediaKey } from './media-store.ts';

const insertSql = 'INSERT INTO media_contents (tenant_id, media_id, bytes) VALUES ($1, $2, $3)';
const findSql = 'SELECT bytes FROM media_contents WHERE tenant_id = $1 AND media_id = $2';
const deleteSql = 'DELETE FROM media_contents WHERE tenant_id = $1 AND media_id = $2';

/** The bytes in the service's own schema: one backup, one transaction, one row-level security. */
@Injectable()
export class MediaContentRepository extends MediaStore {
  async put(tx: Tx, { tenantId, id }: MediaKey, bytes: Buffer): Promise<void> {
    await tx.execute(insertSql, [tenantId, id, bytes]);
  }

  async get(tx: Tx, { tenantId, id }: MediaKey): Promise<Buffer | null> {
    const [row] = await tx.query<{ bytes: Buffer }>(findSql, [tenantId, id]);
    return row?.bytes ?? null;
  }

  async delete(tx: Tx, { tenantId, id }: MediaKey): Promise<void> {
    await tx.execute(deleteSql, [tenantId, id]);
  }
}
