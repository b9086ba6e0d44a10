import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import { TenantBoxes } from '../sealing/tenant-boxes.ts';
import { FileRepository } from './file.repository.ts';
import type { StoredFile } from './stored-file.ts';

const CHUNK_BYTES = 1024 * 1024;

type Key = Pick<StoredFile, 'tenantId' | 'id'>;

/** The bytes of files as they came, sealed for their tenant a mebibyte at a time: neither way holds more than that. */
@Injectable()
export class SealedFiles {
  constructor(
    private readonly files: FileRepository,
    private readonly boxes: TenantBoxes,
    private readonly db: Database,
  ) {}

  async put(tx: Tx, file: Key, bytes: Buffer): Promise<void> {
    const box = await this.boxes.of(tx, file.tenantId);
    for (let n = 0; n * CHUNK_BYTES < bytes.length; n++) {
      const plain = bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES);
      await this.files.addChunk(tx, file, { n, sealed: box.sealBytes(plain, placeOf(file, n)) });
    }
  }

  /** A transaction for each chunk: who reads slowly holds none. */
  async *read(file: Key & { readonly bytes: number }): AsyncGenerator<Buffer> {
    for (let n = 0; n * CHUNK_BYTES < file.bytes; n++) {
      yield await this.db.withTenant(file.tenantId, async (tx) => {
        const box = await this.boxes.of(tx, file.tenantId);
        return box.openBytes(await this.files.chunk(tx, file, n), placeOf(file, n));
      });
    }
  }
}

function placeOf({ tenantId, id }: Key, n: number): SecretPlace {
  return { tenantId, table: 'file_chunks', column: 'sealed', rowId: `${id}/${n}` };
}
