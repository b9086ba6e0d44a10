import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { chart } from '../domain/chart.ts';
import type { AccountBalance } from '../domain/chart.ts';
import type { BookedEntry, EntryKey, JournalEntry, JournalLine } from '../domain/entry.ts';

export interface EntryFilter {
  readonly policyLocator?: string | undefined;
  readonly paymentLocator?: string | undefined;
  /** Entries older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

// In one order, so that two batches that both meet new tenants wait for each other instead of deadlocking.
const ENSURE_CHART = `
  INSERT INTO accounts (tenant_id, code, role, type)
  SELECT t.tenant_id, a.code, a.role, a.type
    FROM unnest($1::uuid[]) t (tenant_id), unnest($2::text[], $3::text[], $4::text[]) a (code, role, type)
   WHERE NOT EXISTS (SELECT 1 FROM accounts x WHERE x.tenant_id = t.tenant_id AND x.code = a.code)
   ORDER BY t.tenant_id, a.code
  ON CONFLICT DO NOTHING`;
const INSERT = `
  WITH booked AS (
    INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, reverses, posted_at)
    SELECT e.*, $8::timestamptz
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::uuid[]) e
    ON CONFLICT (tenant_id, source_type, source_id, kind) DO NOTHING
    RETURNING tenant_id, id, seq
  ), lines AS (
    INSERT INTO journal_lines
      (tenant_id, entry_id, n, account, amount_minor, currency, policy_locator, payment_locator, invoice_locator)
    SELECT b.tenant_id, b.id, l.n, l.account, l.amount, l.currency, l.policy, l.payment, l.invoice
      FROM unnest($9::uuid[], $10::smallint[], $11::text[], $12::bigint[], $13::text[],
                  $14::text[], $15::text[], $16::text[])
           l (entry_id, n, account, amount, currency, policy, payment, invoice)
      JOIN booked b ON b.id = l.entry_id
  )
  SELECT id, seq FROM booked`;
const COLUMNS = `e.tenant_id, e.id, e.seq, e.kind, e.source_type, e.source_id, e.effective_on, e.posted_at, e.reverses,
  (SELECT json_agg(json_build_object('account', l.account, 'amount', l.amount_minor::text, 'currency', l.currency,
            'policyLocator', l.policy_locator, 'paymentLocator', l.payment_locator, 'invoiceLocator', l.invoice_locator)
            ORDER BY l.n)
     FROM journal_lines l WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id) AS lines`;
const FIND_BY_KEY = `
  SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) s (tenant_id, type, id, kind)
    JOIN journal_entries e
      ON e.tenant_id = s.tenant_id AND e.source_type = s.type AND e.source_id = s.id AND e.kind = s.kind`;
const TOUCHING = (column: string, value: string) => `AND EXISTS (SELECT 1 FROM journal_lines l
     WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.${column} = ${value})`;
const PAGE = (policy: boolean, payment: boolean) => `
  SELECT ${COLUMNS} FROM journal_entries e
   WHERE ($1::uuid IS NULL OR e.id < $1)
     ${policy ? TOUCHING('policy_locator', '$3') : ''}
     ${payment ? TOUCHING('payment_locator', policy ? '$4' : '$3') : ''}
   ORDER BY e.id DESC LIMIT $2`;
/** A statement for each set of filters: beside "or there is no filter" the planner could not start from its index. */
const PAGES = [PAGE(false, false), PAGE(true, false), PAGE(false, true), PAGE(true, true)] as const;
const RANGE = `
  SELECT ${COLUMNS} FROM journal_entries e WHERE e.seq BETWEEN $1 AND $2 ORDER BY e.seq LIMIT $3`;
const BALANCES = `
  SELECT currency, account, coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0)::text AS debit,
         coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)::text AS credit
    FROM journal_lines GROUP BY currency, account ORDER BY currency, account`;

@Injectable()
export class JournalRepository {
  /** A tenant's first entry brings its chart of accounts with it. */
  async ensureChart(tx: Tx, tenantIds: readonly string[]): Promise<void> {
    await tx.execute(ENSURE_CHART, [
      [...new Set(tenantIds)],
      chart.map(({ code }) => code),
      chart.map(({ role }) => role),
      chart.map(({ type }) => type),
    ]);
  }

  /** Books entries with their lines in one statement; @returns those that were not booked before. */
  async insert(tx: Tx, entries: readonly JournalEntry[], postedAt: Date): Promise<BookedEntry[]> {
    const rows = await tx.query<{ id: string; seq: string }>(INSERT, [
      entries.map(({ tenantId }) => tenantId),
      entries.map(({ id }) => id),
      entries.map(({ kind }) => kind),
      entries.map(({ source }) => source.type),
      entries.map(({ source }) => source.id),
      entries.map(({ effectiveOn }) => effectiveOn),
      entries.map(({ reverses }) => reverses),
      postedAt,
      ...lineColumns(entries),
    ]);
    const seqOf = new Map(rows.map(({ id, seq }) => [id, Number(seq)]));
    return entries.flatMap((entry) => {
      const seq = seqOf.get(entry.id);
      return seq === undefined ? [] : [{ ...entry, seq, postedAt }];
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

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, { policyLocator, paymentLocator, before, limit }: EntryFilter): Promise<BookedEntry[]> {
    const values = [policyLocator, paymentLocator].filter((value) => value !== undefined);
    const text = PAGES[(policyLocator === undefined ? 0 : 1) + (paymentLocator === undefined ? 0 : 2)]!;
    const rows = await tx.query<EntryRow>(text, [before, limit + 1, ...values]);
    return rows.map(entryOf);
  }

  /** Of the transaction's tenant, in the order of booking. */
  async range(tx: Tx, from: number, to: number, limit: number): Promise<BookedEntry[]> {
    return (await tx.query<EntryRow>(RANGE, [from, to, limit])).map(entryOf);
  }

  /** Of the transaction's tenant. */
  async balances(tx: Tx): Promise<AccountBalance[]> {
    const rows = await tx.query<{ currency: string; account: string; debit: string; credit: string }>(BALANCES);
    return rows.map((row) => ({ ...row, debit: BigInt(row.debit), credit: BigInt(row.credit) }));
  }
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
  ];
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
    lines: row.lines.map((line) => ({ ...line, amount: BigInt(line.amount) })),
  };
}
