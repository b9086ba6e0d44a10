import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { FileAnswer } from './format-reader.ts';
import type { FileRead, NewFile, StoredFile } from './stored-file.ts';

const COLUMNS = `tenant_id AS "tenantId", id, format, name, sha256, bytes, answer, received_at AS "receivedAt"`;
// Waits for a transaction that stores the same bytes at the same moment.
const CLAIM = `
  INSERT INTO files (tenant_id, id, format, name, sha256, bytes, answer, received_at)
  VALUES ($1, $2, $3, $4, $5, $6, '{}', $7) ON CONFLICT ON CONSTRAINT files_once DO NOTHING`;
const ANSWER = 'UPDATE files SET answer = $3 WHERE tenant_id = $1 AND id = $2';
const FIND = `SELECT ${COLUMNS} FROM files WHERE tenant_id = $1 AND id = $2`;
const FIND_SAME = `SELECT ${COLUMNS} FROM files WHERE tenant_id = $1 AND sha256 = $2`;
const ADD_CHUNK = 'INSERT INTO file_chunks (tenant_id, file_id, n, sealed) VALUES ($1, $2, $3, $4)';
const CHUNK = 'SELECT sealed FROM file_chunks WHERE tenant_id = $1 AND file_id = $2 AND n = $3';
const ADD_READ = `
  INSERT INTO file_reads (tenant_id, id, file_id, kind, reader, at) VALUES ($1, $2, $3, $4, $5, $6)`;
const FIND_READ = `
  SELECT tenant_id AS "tenantId", id, file_id AS "fileId", kind, reader, at FROM file_reads
   WHERE tenant_id = $1 AND id = $2`;

type Key = Pick<StoredFile, 'tenantId' | 'id'>;

@Injectable()
export class FileRepository {
  /** @returns whether these bytes are new */
  async claim(tx: Tx, { tenantId, id, format, name, sha256, bytes, receivedAt }: NewFile): Promise<boolean> {
    return (await tx.execute(CLAIM, [tenantId, id, format, name, sha256, bytes, receivedAt])) === 1;
  }

  async answer(tx: Tx, { tenantId, id }: Key, answer: FileAnswer): Promise<void> {
    await tx.execute(ANSWER, [tenantId, id, JSON.stringify(answer)]);
  }

  async find(tx: Tx, { tenantId, id }: Key): Promise<StoredFile | null> {
    return fileOf(await tx.query<FileRow>(FIND, [tenantId, id]));
  }

  async findSame(tx: Tx, tenantId: string, sha256: Buffer): Promise<StoredFile | null> {
    return fileOf(await tx.query<FileRow>(FIND_SAME, [tenantId, sha256]));
  }

  async addChunk(tx: Tx, { tenantId, id }: Key, chunk: { n: number; sealed: Buffer }): Promise<void> {
    await tx.execute(ADD_CHUNK, [tenantId, id, chunk.n, chunk.sealed]);
  }

  async chunk(tx: Tx, { tenantId, id }: Key, n: number): Promise<Buffer> {
    const [row] = await tx.query<{ sealed: Buffer }>(CHUNK, [tenantId, id, n]);
    if (!row) throw new Error(`file ${id} has lost its chunk ${n}`);
    return row.sealed;
  }

  async addRead(tx: Tx, { tenantId, id, fileId, kind, reader, at }: FileRead): Promise<void> {
    await tx.execute(ADD_READ, [tenantId, id, fileId, kind, reader, at]);
  }

  async findRead(tx: Tx, { tenantId, id }: Key): Promise<FileRead | undefined> {
    return (await tx.query<FileRead>(FIND_READ, [tenantId, id]))[0];
  }
}

type FileRow = Omit<StoredFile, 'bytes'> & { bytes: string };

function fileOf([row]: FileRow[]): StoredFile | null {
  return row ? { ...row, bytes: Number(row.bytes) } : null;
}
