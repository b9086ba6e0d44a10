import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { chart } from '../domain/chart.ts';
import type { Account } from '../domain/chart.ts';
import type { BookedEntry, EntryKey, JournalEntry, JournalLine } from '../domain/entry.ts';
import { pageSql } from './entry-page.ts';
import type { EntryFilter } from './entry-page.ts';

// In one order, so that two batches that both meet new tenants wait for each other instead of deadlocking.
const ENSURE_CHART = `
  INSERT INTO accounts (tenant_id, code, role, type)
  SELECT t.tenant_id, a.code, a.role, a.type
    FROM unnest($1::uuid[]) t (tenant_id), unnest($2::text[], $3::text[], $4::text[]) a (code, role, type)
   WHERE NOT EXISTS (SELECT 1 FROM accounts x WHERE x.tenant_id = t.tenant_id AND x.code = a.code)
   ORDER BY t.tenant_id, a.code
  ON CONFLICT DO NOTHING`;
/**
 * One closes a tenant's month with the whole lock, all who book for it hold a part: what was booked before the close is
 * seen by it, what is booked after it sees it. And it has its transaction a number before it takes one of the ledger,
 * by which `ledger/batch.repository.ts` knows who may still be on the way.
 */
const HOLD_PERIODS = `
  SELECT pg_current_xact_id(), pg_advisory_xact_lock_shared(k)
    FROM (SELECT DISTINCT hashtextextended('periods ' || t, 0) AS k
            FROM unnest($1::text[]) t ORDER BY k OFFSET 0) keys`;
const INSERT = `
  WITH shut AS (
    SELECT tenant_id, (max(month) + interval '1 month')::date AS open_on,
           (max(month) FILTER (WHERE state = 'closed') + interval '1 month')::date AS adjustable_on
      FROM periods WHERE tenant_id = ANY ($1::uuid[]) GROUP BY tenant_id
  ), wanted AS (
    SELECT e.*, CASE WHEN e.adjusting THEN s.adjustable_on ELSE s.open_on END AS open_on
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::uuid[], $8::text[],
                  $9::text[], $10::boolean[]) WITH ORDINALITY
           e (tenant_id, id, kind, source_type, source_id, effective_on, reverses, description, booked_by, adjusting, n)
      LEFT JOIN shut s ON s.tenant_id = e.tenant_id
  ), booked AS (
    INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, original_effective_on,
                                 reverses, description, booked_by, posted_at)
    SELECT tenant_id, id, kind, source_type, source_id, greatest(effective_on, open_on),
           CASE WHEN effective_on < open_on THEN effective_on END, reverses, description, booked_by, $11::timestamptz
      FROM wanted ORDER BY n
    ON CONFLICT (tenant_id, source_type, source_id, kind) DO NOTHING
    RETURNING tenant_id, id, seq, effective_on, original_effective_on
  ), lines AS (
    INSERT INTO journal_lines
      (tenant_id, entry_id, n, account, amount_minor, currency, policy_locator, payment_locator, invoice_locator, party)
    SELECT b.tenant_id, b.id, l.n, l.account, l.amount, l.currency, l.policy, l.payment, l.invoice, l.party
      FROM unnest($12::uuid[], $13::smallint[], $14::text[], $15::bigint[], $16::text[],
                  $17::text[], $18::text[], $19::text[], $20::text[])
           l (entry_id, n, account, amount, currency, policy, payment, invoice, party)
      JOIN booked b ON b.id = l.entry_id
  )
  SELECT id, seq, effective_on, original_effective_on FROM booked`;
const COLUMNS = `e.tenant_id, e.id, e.seq, e.kind, e.source_type, e.source_id, e.effective_on, e.posted_at, e.reverses,
  e.original_effective_on, e.description, e.booked_by,
  (SELECT json_agg(json_build_object('account', l.account, 'amount', l.amount_minor::text, 'currency', l.currency,
            'policyLocator', l.policy_locator, 'paymentLocator', l.payment_locator, 'invoiceLocator', l.invoice_locator,
            'party', l.party)
            ORDER BY l.n)
     FROM journal_lines l WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id) AS lines`;
const FIND_BY_KEY = `
  SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) s (tenant_id, type, id, kind)
    JOIN journal_entries e
      ON e.tenant_id = s.tenant_id AND e.source_type = s.type AND e.source_id = s.id AND e.kind = s.kind`;
const FIND = `SELECT ${COLUMNS} FROM journal_entries e WHERE e.id = $1`;
const RANGE = `
  SELECT ${COLUMNS} FROM journal_entries e WHERE e.seq BETWEEN $1 AND $2 ORDER BY e.seq LIMIT $3`;
const ACCOUNTS = `SELECT code, role, type FROM accounts ORDER BY code`;

@Injectable()
export class JournalRepository {
  /** Tenants that have every account of the chart: an account is never removed. */
  private readonly charted = new Set<string>();

  /** A tenant's first entry brings its chart of accounts with it. */
  async ensureChart(tx: Tx, tenantIds: readonly string[]): Promise<void> {
    const fresh = [...new Set(tenantIds)].filter((tenantId) => !this.charted.has(tenantId));
    if (fresh.length === 0) return;
    tx.afterCommit(() => fresh.forEach((tenantId) => this.charted.add(tenantId)));
    await tx.execute(ENSURE_CHART, [
      fresh,
      chart.map(({ code }) => code),
      chart.map(({ role }) => role),
      chart.map(({ type }) => type),
    ]);
  }

  /**
   * Books entries with their lines in one statement, those whose month is closed on the first day after it.
   * @returns those that were not booked before
   */
  async insert(tx: Tx, entries: readonly JournalEntry[], postedAt: Date): Promise<BookedEntry[]> {
    const [, rows] = await Promise.all([
      tx.execute(HOLD_PERIODS, [[...new Set(entries.map(({ tenantId }) => tenantId))]]),
      tx.query<InsertedRow>(INSERT, [...entryColumns(entries), postedAt, ...lineColumns(entries)]),
    ]);
    const inserted = new Map(rows.map((row) => [row.id, row]));
    return entries.flatMap((entry) => {
      const row = inserted.get(entry.id);
      if (row === undefined) return [];
      const dates = { effectiveOn: row.effective_on, originalEffectiveOn: row.original_effective_on };
      return [{ ...entry, ...dates, seq: Number(row.seq), postedAt }];
    });
  }

  async findByKey(tx: Tx, keys: readonly (EntryKey & { readonly tenantId: string })[]): Promise<BookedEntry[]> {
    if (keys.length === 0) return [];
    const rows = await tx.query<EntryRow>(FIND_BY_KEY, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ source }) => source.type),
      keys.map(({ source }) => source.id),
      keys.map(({ kind }) => kind),
    ]);
    return rows.map(entryOf);
  }

  /** Of the transaction's tenant. */
  async find(tx: Tx, id: string): Promise<BookedEntry | undefined> {
    const [row] = await tx.query<EntryRow>(FIND, [id]);
    return row && entryOf(row);
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, filter: EntryFilter): Promise<BookedEntry[]> {
    const { text, values } = pageSql(COLUMNS, filter);
    return (await tx.query<EntryRow>(text, values)).map(entryOf);
  }

  /** Of the transaction's tenant, in the order of booking. */
  async range(tx: Tx, from: number, to: number, limit: number): Promise<BookedEntry[]> {
    return (await tx.query<EntryRow>(RANGE, [from, to, limit])).map(entryOf);
  }

  /** The chart as the transaction's tenant has it; what it has no entry of yet it would get with its first. */
  async accounts(tx: Tx): Promise<Account[]> {
    const own = await tx.query<Account>(ACCOUNTS);
    const missing = chart.filter(({ code }) => !own.some((account) => account.code === code));
    return [...own, ...missing].sort((one, other) => one.code.localeCompare(other.code));
  }
}

function entryColumns(entries: readonly JournalEntry[]): unknown[][] {
  return [
    entries.map(({ tenantId }) => tenantId),
    entries.map(({ id }) => id),
    entries.map(({ kind }) => kind),
    entries.map(({ source }) => source.type),
    entries.map(({ source }) => source.id),
    entries.map(({ effectiveOn }) => effectiveOn),
    entries.map(({ reverses }) => reverses),
    entries.map(({ description }) => description ?? null),
    entries.map(({ bookedBy }) => bookedBy ?? null),
    entries.map(({ isAdjusting }) => isAdjusting ?? false),
  ];
}

function lineColumns(entries: readonly JournalEntry[]): unknown[][] {
  const lines = entries.flatMap((entry) =>
    entry.lines.map((line, index) => ({ ...line, entryId: entry.id, n: index + 1 })),
  );
  return [
    lines.map(({ entryId }) => entryId),
    lines.map(({ n }) => n),
    lines.map(({ account }) => account),
    lines.map(({ amount }) => amount.toString()),
    lines.map(({ currency }) => currency),
    lines.map(({ policyLocator }) => policyLocator),
    lines.map(({ paymentLocator }) => paymentLocator),
    lines.map(({ invoiceLocator }) => invoiceLocator),
    lines.map(({ party }) => party ?? null),
  ];
}

interface InsertedRow {
  id: string;
  seq: string;
  effective_on: string;
  original_effective_on: string | null;
}

interface EntryRow {
  tenant_id: string;
  id: string;
  seq: string;
  kind: string;
  source_type: string;
  source_id: string;
  effective_on: string;
  posted_at: Date;
  reverses: string | null;
  original_effective_on: string | null;
  description: string | null;
  booked_by: string | null;
  lines: (Omit<JournalLine, 'amount'> & { amount: string })[];
}

function entryOf(row: EntryRow): BookedEntry {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    seq: Number(row.seq),
    kind: row.kind,
    source: { type: row.source_type, id: row.source_id },
    effectiveOn: row.effective_on,
    postedAt: row.posted_at,
    reverses: row.reverses,
    originalEffectiveOn: row.original_effective_on,
    description: row.description,
    bookedBy: row.booked_by,
    lines: row.lines.map((line) => ({ ...line, amount: BigInt(line.amount) })),
  };
}
