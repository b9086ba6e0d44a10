import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { GlAccount } from './gl-book.ts';
import type { GlExport, GlPart, StoredExport } from './gl-export.ts';

const BOOKED = `SELECT min(seq) AS first, max(seq) AS last FROM journal_entries`;
// Who writes holds this lock from before its first number is drawn to its commit.
const WRITERS = `
  SELECT virtualtransaction AS id FROM pg_locks
   WHERE locktype = 'relation' AND relation = 'journal_entries'::regclass AND mode = 'RowExclusiveLock'
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
/** Two who ask for what is new get it one after the other, or both would get it. */
const TURN = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`;
const LATEST = `SELECT max(to_seq) AS last FROM gl_exports WHERE format = $1`;
const ACCOUNTS = `SELECT code, role, type FROM accounts`;
const INSERT = `
  WITH made AS (
    INSERT INTO gl_exports (tenant_id, id, format, detail, from_seq, to_seq, entries, sha256, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  )
  INSERT INTO gl_export_parts (tenant_id, export_id, part, extension, content_type, content)
  SELECT $1, $2, p.* FROM unnest($10::smallint[], $11::text[], $12::text[], $13::bytea[]) p`;
const COLUMNS = `x.id, x.format, x.detail, x.from_seq, x.to_seq, x.entries, x.sha256, x.created_at,
  (SELECT json_agg(json_build_object('part', p.part, 'extension', p.extension, 'contentType', p.content_type,
            'bytes', octet_length(p.content), 'sha256', encode(sha256(p.content), 'hex')) ORDER BY p.part)
     FROM gl_export_parts p WHERE p.tenant_id = x.tenant_id AND p.export_id = x.id) AS parts`;
const FIND = `SELECT ${COLUMNS} FROM gl_exports x WHERE x.id = $1`;
const PAGE = `
  SELECT ${COLUMNS} FROM gl_exports x WHERE ($1::uuid IS NULL OR x.id < $1) ORDER BY x.id DESC LIMIT $2`;
const CONTENT = `
  SELECT extension, content_type AS "contentType", content FROM gl_export_parts WHERE export_id = $1 AND part = $2`;

/** Everything here is of the transaction's tenant. */
@Injectable()
export class GlExportRepository {
  /** The first and the last number that the books have; null where nothing is booked. */
  async booked(tx: Tx): Promise<{ first: number; last: number } | null> {
    const [row] = await tx.query<{ first: string | null; last: string | null }>(BOOKED);
    return row?.first && row.last ? { first: Number(row.first), last: Number(row.last) } : null;
  }

  /** Transactions, of whatever tenant, that may have drawn a number and are not visible yet. */
  async writers(tx: Tx): Promise<Set<string>> {
    return new Set((await tx.query<{ id: string }>(WRITERS)).map(({ id }) => id));
  }

  /** Where the exports of a format have come to; nobody else may go on from there before the transaction ends. */
  async latest(tx: Tx, tenantId: string, format: string): Promise<number | null> {
    await tx.query(TURN, [`gl_exports ${tenantId} ${format}`]);
    const [row] = await tx.query<{ last: string | null }>(LATEST, [format]);
    return row?.last ? Number(row.last) : null;
  }

  async accounts(tx: Tx): Promise<Map<string, GlAccount>> {
    return new Map((await tx.query<GlAccount>(ACCOUNTS)).map((account) => [account.code, account]));
  }

  async insert(tx: Tx, tenantId: string, made: GlExport, parts: readonly GlPart[]): Promise<void> {
    const { id, format, detail, fromSeq, toSeq, entries, sha256, createdAt } = made;
    await tx.execute(INSERT, [
      ...[tenantId, id, format, detail, fromSeq, toSeq, entries, sha256, createdAt],
      parts.map((_, index) => index + 1),
      parts.map(({ extension }) => extension),
      parts.map(({ contentType }) => contentType),
      parts.map(({ content }) => content),
    ]);
  }

  async find(tx: Tx, id: string): Promise<StoredExport | null> {
    const [row] = await tx.query<Row>(FIND, [id]);
    return row ? exportOf(row) : null;
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, before: string | null, limit: number): Promise<StoredExport[]> {
    return (await tx.query<Row>(PAGE, [before, limit + 1])).map(exportOf);
  }

  async content(tx: Tx, id: string, part: number): Promise<GlPart | null> {
    const [row] = await tx.query<GlPart>(CONTENT, [id, part]);
    return row ?? null;
  }
}

interface Row {
  id: string;
  format: GlExport['format'];
  detail: GlExport['detail'];
  from_seq: string;
  to_seq: string;
  entries: number;
  sha256: Buffer;
  created_at: Date;
  parts: StoredExport['parts'];
}

function exportOf({ from_seq, to_seq, created_at: createdAt, ...row }: Row): StoredExport {
  return { ...row, fromSeq: Number(from_seq), toSeq: Number(to_seq), createdAt };
}
