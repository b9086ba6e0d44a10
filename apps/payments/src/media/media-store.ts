import type { Tx } from '@quittance/service-kit/database/tx';
import type { Media } from '../domain/media.ts';

export type MediaKey = Pick<Media, 'tenantId' | 'id'>;

/**
 * Where the bytes of media are. They never change: what is kept under a key is put once. Part of the transaction that
 * writes what is known about the file, so that there is neither a file without words about it nor words without a file.
 */
export abstract class MediaStore {
  abstract put(tx: Tx, key: MediaKey, bytes: Buffer): Promise<void>;
  abstract get(tx: Tx, key: MediaKey): Promise<Buffer | null>;
  abstract delete(tx: Tx, key: MediaKey): Promise<void>;
}
