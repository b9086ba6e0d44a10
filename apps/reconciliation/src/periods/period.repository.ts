import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Closings, Period, PeriodState } from '../domain/period.ts';

/** What is said of a month once its hash is known. */
export interface SealedPeriod {
  readonly tenantId: string;
  readonly id: string;
  readonly month: string;
  readonly size: number;
  readonly hash: Buffer;
}

export interface SourceTotal {
  readonly source: string;
  readonly currency: string;
  readonly entries: number;
  readonly minor: bigint;
}

/** The number of the transaction first: who follows the ledger waits for it, so no step goes past a close unseen. */
const LOCK = `SELECT pg_current_xact_id(), pg_advisory_xact_lock(hashtextextended('periods ' || $1::text, 0))`;
const CLOSINGS = `
  SELECT to_char(max(month) FILTER (WHERE state = 'closed'), 'YYYY-MM') AS "closedThrough",
         to_char(max(month), 'YYYY-MM') AS "softClosedThrough" FROM periods`;
const CLOSE = `
  INSERT INTO periods AS p (tenant_id, id, month, state, closed_at, closed_by, last_seq)
  SELECT $1, $2, to_date($3, 'YYYY-MM'), $4, $5, $6, last_value FROM journal_entries_seq_seq
  ON CONFLICT (tenant_id, month) DO UPDATE
     SET state = excluded.state, closed_at = excluded.closed_at, closed_by = excluded.closed_by,
         last_seq = excluded.last_seq`;
const COLUMNS = `id, to_char(month, 'YYYY-MM') AS month, state, closed_at AS "closedAt", closed_by AS "closedBy",
  closing_hash AS "closingHash", closing_size AS "closingSize"`;
const FIND = `SELECT ${COLUMNS} FROM periods WHERE month = to_date($1, 'YYYY-MM')`;
const LIST = `SELECT ${COLUMNS} FROM periods ORDER BY periods.month DESC`;
const MONTHS = `SELECT DISTINCT to_char(effective_on, 'YYYY-MM') AS month FROM balance_days`;
const NEXT_CLOSING = `
  SELECT min(last_seq) AS seq FROM periods WHERE state = 'closed' AND closing_hash IS NULL AND last_seq > $1`;
const SEAL = `
  UPDATE periods p SET closing_size = coalesce(b.size, 0), closing_hash = coalesce(b.hash, sha256(''))
    FROM periods q LEFT JOIN LATERAL (
      SELECT size, hash FROM ledger_batches WHERE tenant_id = q.tenant_id AND last_seq <= q.last_seq
       ORDER BY last_seq DESC LIMIT 1) b ON true
   WHERE q.state = 'closed' AND q.closing_hash IS NULL AND q.last_seq <= $1
     AND p.tenant_id = q.tenant_id AND p.id = q.id
  RETURNING p.tenant_id AS "tenantId", p.id, to_char(p.month, 'YYYY-MM') AS month, p.closing_size AS size,
            p.closing_hash AS hash`;
const TOTALS = `
  SELECT e.source_type AS source, l.currency, count(DISTINCT e.id)::int AS entries, sum(l.amount_minor)::text AS minor
    FROM journal_entries e JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
   WHERE e.tenant_id = $1 AND l.amount_minor > 0
     AND e.effective_on >= to_date($2, 'YYYY-MM') AND e.effective_on < to_date($2, 'YYYY-MM') + interval '1 month'
   GROUP BY 1, 2 ORDER BY 1, 2`;
const OPEN_EXCEPTIONS = `SELECT count(*)::int AS n FROM exceptions WHERE tenant_id = $1 AND closed_at IS NULL`;

@Injectable()
export class PeriodRepository {
  /** Waits for those who book for the tenant now, and lets nobody begin before the commit. */
  async lock(tx: Tx, tenantId: string): Promise<void> {
    await tx.execute(LOCK, [tenantId]);
  }

  /** Of the transaction's tenant, as all that follow. */
  async closings(tx: Tx): Promise<Closings> {
    const [row] = await tx.query<{ closedThrough: string | null; softClosedThrough: string | null }>(CLOSINGS);
    return row!;
  }

  async close(tx: Tx, period: Closing): Promise<void> {
    const { tenantId, id, month, state, closedAt, closedBy } = period;
    await tx.execute(CLOSE, [tenantId, id, month, state, closedAt, closedBy]);
  }

  async find(tx: Tx, month: string): Promise<Period | undefined> {
    const [row] = await tx.query<PeriodRow>(FIND, [month]);
    return row && periodOf(row);
  }

  /** Those that were closed, newest first. */
  async list(tx: Tx): Promise<Period[]> {
    return (await tx.query<PeriodRow>(LIST)).map(periodOf);
  }

  /** Those that something is rolled up of. */
  async months(tx: Tx): Promise<string[]> {
    return (await tx.query<{ month: string }>(MONTHS)).map(({ month }) => month);
  }

  /** The first number behind this one at which a month was closed, of whatever tenant. */
  async nextClosing(tx: Tx, after: number): Promise<number | undefined> {
    const [row] = await tx.query<{ seq: string | null }>(NEXT_CLOSING, [after]);
    return row?.seq ? Number(row.seq) : undefined;
  }

  /** Gives the months that were closed up to this number their hash. */
  async seal(tx: Tx, throughSeq: number): Promise<SealedPeriod[]> {
    const rows = await tx.query<Omit<SealedPeriod, 'size'> & { size: string }>(SEAL, [throughSeq]);
    return rows.map((row) => ({ ...row, size: Number(row.size) }));
  }

  async totals(tx: Tx, { tenantId, month }: SealedPeriod): Promise<SourceTotal[]> {
    const rows = await tx.query<Omit<SourceTotal, 'minor'> & { minor: string }>(TOTALS, [tenantId, month]);
    return rows.map((row) => ({ ...row, minor: BigInt(row.minor) }));
  }

  async openExceptions(tx: Tx, { tenantId }: SealedPeriod): Promise<number> {
    const [row] = await tx.query<{ n: number }>(OPEN_EXCEPTIONS, [tenantId]);
    return row!.n;
  }
}

export interface Closing {
  readonly tenantId: string;
  readonly id: string;
  readonly month: string;
  readonly state: Exclude<PeriodState, 'open'>;
  readonly closedAt: Date;
  readonly closedBy: string;
}

type PeriodRow = Omit<Period, 'closingSize'> & { closingSize: string | null };

const periodOf = (row: PeriodRow): Period => ({
  ...row,
  closingSize: row.closingSize === null ? null : Number(row.closingSize),
});
