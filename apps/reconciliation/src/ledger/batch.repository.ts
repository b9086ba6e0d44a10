import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { byteaArray } from '@quittance/service-kit/database/bytea-array';
import { LEAF, WITH_ORIGINAL } from './canonical-entry.ts';
import type { Batch, Leaf } from './batch.ts';
import { packed, unpacked } from './merkle.ts';

/** Transactions below `oldest` have ended; `own` is this one's number, above that of each that had one before. */
export interface Moment {
  readonly oldest: bigint;
  readonly own: bigint;
}

const LAST_DRAWN = `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS seq FROM journal_entries_seq_seq`;
/**
 * The end of a snapshot would not do for `own`: it is one more than the last number that ended, and a transaction above
 * that may be running.
 */
const MOMENT = `
  SELECT pg_snapshot_xmin(s)::text AS oldest, pg_current_xact_id()::text AS own FROM pg_current_snapshot() s`;
const CLAIM = `SELECT through_seq FROM ledger_progress FOR UPDATE SKIP LOCKED`;
const ADVANCE = `UPDATE ledger_progress SET through_seq = $1`;
const LEAVES = `
  SELECT e.tenant_id, e.seq, ${LEAF} AS hash FROM ${WITH_ORIGINAL}
   WHERE e.seq > $1 AND e.seq <= $2 ORDER BY e.seq`;
const OF_TENANT = `
  SELECT e.tenant_id, e.seq, ${LEAF} AS hash FROM ${WITH_ORIGINAL}
   WHERE e.seq > $1 AND e.seq <= $2 AND e.tenant_id = $3 ORDER BY e.seq`;
// Entry by entry, as they were written: a join could be planned as a scan of every line that there is.
const ROLL_UP = `
  INSERT INTO balance_days AS b
    (tenant_id, account, currency, effective_on, posted_on, debit_minor, credit_minor, lines)
  SELECT l.tenant_id, l.account, l.currency, e.effective_on, (e.posted_at AT TIME ZONE 'UTC')::date,
         coalesce(sum(l.amount_minor) FILTER (WHERE l.amount_minor > 0), 0),
         coalesce(-sum(l.amount_minor) FILTER (WHERE l.amount_minor < 0), 0), count(*)
    FROM journal_entries e CROSS JOIN LATERAL (
      SELECT * FROM journal_lines WHERE tenant_id = e.tenant_id AND entry_id = e.id OFFSET 0) l
   WHERE e.seq > $1 AND e.seq <= $2 GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant_id, account, currency, effective_on, posted_on) DO UPDATE
     SET debit_minor = b.debit_minor + excluded.debit_minor, credit_minor = b.credit_minor + excluded.credit_minor,
         lines = b.lines + excluded.lines`;
const COLUMNS = `tenant_id, n, first_seq, last_seq, entries, size, previous_hash, hash, frontier, sealed_at`;
const LATEST = `
  SELECT b.* FROM unnest($1::uuid[]) t (tenant_id) CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM ledger_batches WHERE tenant_id = t.tenant_id ORDER BY n DESC LIMIT 1) b`;
const SEAL = `
  INSERT INTO ledger_batches (${COLUMNS})
  SELECT *, $10::timestamptz
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bytea[],
                $8::bytea[], $9::bytea[])`;
const PAGE = `
  SELECT ${COLUMNS} FROM ledger_batches WHERE tenant_id = $1 AND last_seq >= $2 AND first_seq <= $3 AND n > $4
   ORDER BY n LIMIT $5`;
const TENANTS = `SELECT DISTINCT tenant_id FROM ledger_batches WHERE $1::timestamptz IS NULL OR sealed_at >= $1`;
const FIRST_SINCE = `
  SELECT coalesce(min(n), 1) AS n FROM ledger_batches
   WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR sealed_at >= $2)`;

@Injectable()
export class BatchRepository {
  /** The last number that was given to an entry, of whatever transaction, committed or not. */
  async lastDrawn(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ seq: string }>(LAST_DRAWN);
    return Number(row!.seq);
  }

  async moment(tx: Tx): Promise<Moment> {
    const [row] = await tx.query<{ oldest: string; own: string }>(MOMENT);
    return { oldest: BigInt(row!.oldest), own: BigInt(row!.own) };
  }

  /** @returns the number up to which all is done, undefined while another has it */
  async claim(tx: Tx): Promise<number | undefined> {
    const [row] = await tx.query<{ through_seq: string }>(CLAIM);
    return row && Number(row.through_seq);
  }

  async advance(tx: Tx, throughSeq: number): Promise<void> {
    await tx.execute(ADVANCE, [throughSeq]);
  }

  /** In the order of booking, of one tenant or of all. */
  async leaves(tx: Tx, after: number, through: number, tenantId?: string): Promise<Leaf[]> {
    const [text, values] = tenantId ? [OF_TENANT, [after, through, tenantId]] : [LEAVES, [after, through]];
    const rows = await tx.query<{ tenant_id: string; seq: string; hash: Buffer }>(text, values);
    return rows.map(({ tenant_id, seq, hash }) => ({ tenantId: tenant_id, seq: Number(seq), hash }));
  }

  async rollUp(tx: Tx, after: number, through: number): Promise<void> {
    await tx.execute(ROLL_UP, [after, through]);
  }

  /** The newest batch of each tenant that has one. */
  async latest(tx: Tx, tenantIds: readonly string[]): Promise<Batch[]> {
    return (await tx.query<BatchRow>(LATEST, [tenantIds])).map(batchOf);
  }

  async seal(tx: Tx, batches: readonly Batch[], now: Date): Promise<void> {
    if (batches.length === 0) return;
    await tx.execute(SEAL, [
      batches.map(({ tenantId }) => tenantId),
      batches.map(({ n }) => n),
      batches.map(({ firstSeq }) => firstSeq),
      batches.map(({ lastSeq }) => lastSeq),
      batches.map(({ entries }) => entries),
      batches.map(({ tree }) => tree.size),
      byteaArray(batches.map(({ previousHash }) => previousHash)),
      byteaArray(batches.map(({ hash }) => hash)),
      byteaArray(batches.map(({ tree }) => packed(tree))),
      now,
    ]);
  }

  /** A tenant's batches that touch these numbers, from the one behind `afterN` on. */
  async page(tx: Tx, page: BatchPage): Promise<Batch[]> {
    const { tenantId, fromSeq, toSeq, afterN, limit } = page;
    return (await tx.query<BatchRow>(PAGE, [tenantId, fromSeq, toSeq, afterN, limit])).map(batchOf);
  }

  /** Those of whom something was sealed since; null is ever. */
  async tenants(tx: Tx, since: Date | null): Promise<string[]> {
    return (await tx.query<{ tenant_id: string }>(TENANTS, [since])).map(({ tenant_id }) => tenant_id);
  }

  async firstSince(tx: Tx, tenantId: string, since: Date | null): Promise<number> {
    const [row] = await tx.query<{ n: string }>(FIRST_SINCE, [tenantId, since]);
    return Number(row!.n);
  }
}

export interface BatchPage {
  readonly tenantId: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly afterN: number;
  readonly limit: number;
}

interface BatchRow {
  tenant_id: string;
  n: string;
  first_seq: string;
  last_seq: string;
  entries: number;
  size: string;
  previous_hash: Buffer;
  hash: Buffer;
  frontier: Buffer;
  sealed_at: Date;
}

function batchOf(row: BatchRow): Batch {
  return {
    tenantId: row.tenant_id,
    n: Number(row.n),
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    entries: row.entries,
    tree: unpacked(Number(row.size), row.frontier),
    hash: row.hash,
    previousHash: row.previous_hash,
    sealedAt: row.sealed_at,
  };
}
