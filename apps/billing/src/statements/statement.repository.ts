import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Statement, StatementLine } from '../domain/statement.ts';
import type { AccountKey } from './statement-fact.repository.ts';
import type { StatementHead, StatementPage } from './statement.view.ts';

const INSERT = `
  INSERT INTO statements (tenant_id, id, number, policyholder_locator, currency, state, period_start, period_end,
    opening_minor, charges_minor, fees_minor, payments_minor, credits_minor, refunds_minor, returned_payments_minor,
    return_premium_minor, closing_minor, due_on, supersedes_id, version, created_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
    $16::bigint[], $17::bigint[], $18::date[], $19::uuid[], $20::int[], $21::timestamptz[])`;

const INSERT_LINES = `
  INSERT INTO statement_lines (tenant_id, statement_id, line_no, kind, source_type, source_id, policy_locator, on_date,
    amount_minor)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::date[],
    $9::bigint[])`;

// One tenant's counter in a transaction: two runs never wait for each other's in a ring.
const TAKE_NUMBERS = `
  INSERT INTO statement_counters AS c (tenant_id, last_number) VALUES ($1, $2)
  ON CONFLICT (tenant_id) DO UPDATE SET last_number = c.last_number + excluded.last_number
  RETURNING last_number AS "lastNumber"`;

const SUPERSEDE = `
  UPDATE statements SET state = 'superseded', version = version + 1
   WHERE tenant_id = $1 AND id = $2 AND state = 'issued'`;

const HEAD = `
  s.tenant_id AS "tenantId", s.id, s.number, s.policyholder_locator AS "policyholderLocator", s.currency, s.state,
  s.period_start AS "periodStart", s.period_end AS "periodEnd", s.opening_minor AS "openingMinor",
  s.charges_minor AS charge, s.fees_minor AS fee, s.payments_minor AS payment, s.credits_minor AS credit,
  s.refunds_minor AS refund, s.returned_payments_minor AS returned_payment, s.return_premium_minor AS return_premium,
  s.closing_minor AS "closingMinor", s.due_on AS "dueOn", s.supersedes_id AS "supersedesId", s.version,
  s.created_at AS "createdAt"`;

const FIND = `SELECT ${HEAD} FROM statements s WHERE s.tenant_id = $1 AND s.id = $2`;

const PAGE = `
  SELECT ${HEAD} FROM statements s
   WHERE s.tenant_id = $1 AND ($2::text IS NULL OR s.policyholder_locator = $2)
     AND ($3::uuid IS NULL OR (s.policyholder_locator, s.currency) IN (
       SELECT p.policyholder_locator, p.currency FROM policies p WHERE p.tenant_id = $1 AND p.locator = $3))
     AND ($4::text IS NULL OR s.state = $4) AND ($5::uuid IS NULL OR s.id < $5)
   ORDER BY s.id DESC LIMIT $6`;

const LINES = `
  SELECT l.statement_id AS "statementId", l.kind, l.source_type AS "sourceType", l.source_id AS "sourceId",
         l.policy_locator AS "policyLocator", l.on_date AS "on", l.amount_minor AS "amountMinor"
    FROM statement_lines l WHERE l.tenant_id = $1 AND l.statement_id = ANY($2::uuid[])
   ORDER BY l.statement_id, l.line_no`;

// What of a statement is open now: everything that was issued to its account before the end of its period.
const OPEN = `
  SELECT s.id AS "statementId", v.id AS locator, v.number, v.due_on AS "dueOn", v.balance_minor AS "balanceMinor"
    FROM statements s
    JOIN policies p ON p.tenant_id = s.tenant_id AND p.policyholder_locator = s.policyholder_locator
                   AND p.currency = s.currency
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v WHERE v.tenant_id = p.tenant_id AND v.policy_locator = p.locator
       AND v.state IN ('open', 'partially_paid') AND v.issued_on < s.period_end OFFSET 0) v
   WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[])
   ORDER BY s.id, v.due_on, v.number`;

// The first due date of what is open of accounts that was issued before a date.
const DUE = `
  SELECT w.policyholder AS "policyholderLocator", w.currency, min(v.due_on) AS "dueOn"
    FROM unnest($2::text[], $3::text[], $4::date[]) AS w (policyholder, currency, before)
    JOIN policies p ON p.tenant_id = $1 AND p.policyholder_locator = w.policyholder AND p.currency = w.currency
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v WHERE v.tenant_id = p.tenant_id AND v.policy_locator = p.locator
       AND v.state IN ('open', 'partially_paid') AND v.issued_on < w.before OFFSET 0) v
   GROUP BY 1, 2`;

const kinds = ['charge', 'fee', 'payment', 'credit', 'refund', 'returned_payment', 'return_premium'] as const;
type Kind = (typeof kinds)[number];
type HeadRow = Omit<StatementHead, 'number' | 'period' | 'sums' | 'openingMinor' | 'closingMinor'> &
  Record<Kind | 'number' | 'openingMinor' | 'closingMinor', string> & { periodStart: string; periodEnd: string };

export interface OpenInvoiceOfStatement {
  readonly locator: string;
  readonly number: bigint;
  readonly dueOn: CalendarDate;
  readonly balanceMinor: bigint;
}

@Injectable()
export class StatementRepository {
  /** The next numbers of a tenant, without gaps. Taken last. @returns the first of them */
  async takeNumbers(tx: Tx, tenantId: string, count: number): Promise<bigint> {
    const [row] = await tx.query<{ lastNumber: string }>(TAKE_NUMBERS, [tenantId, count]);
    return BigInt(row?.lastNumber ?? 0) - BigInt(count) + 1n;
  }

  async insert(tx: Tx, statements: readonly Statement[]): Promise<void> {
    if (statements.length === 0) return;
    await tx.execute(INSERT, [
      statements.map(({ tenantId }) => tenantId),
      statements.map(({ id }) => id),
      statements.map(({ number }) => number),
      statements.map(({ policyholderLocator }) => policyholderLocator),
      statements.map(({ currency }) => currency),
      statements.map(({ state }) => state),
      statements.map(({ period }) => period.start),
      statements.map(({ period }) => period.end),
      statements.map(({ openingMinor }) => openingMinor),
      ...kinds.map((kind) => statements.map(({ sums }) => sums[kind])),
      statements.map(({ closingMinor }) => closingMinor),
      statements.map(({ dueOn }) => dueOn),
      statements.map(({ supersedesId }) => supersedesId),
      statements.map(({ version }) => version),
      statements.map(({ createdAt }) => createdAt),
    ]);
    const lines = statements.flatMap(({ tenantId, id, lines }) =>
      lines.map((line, index) => ({ ...line, tenantId, id, no: index + 1 })),
    );
    await tx.execute(INSERT_LINES, [
      lines.map(({ tenantId }) => tenantId),
      lines.map(({ id }) => id),
      lines.map(({ no }) => no),
      lines.map(({ kind }) => kind),
      lines.map(({ sourceType }) => sourceType),
      lines.map(({ sourceId }) => sourceId),
      lines.map(({ policyLocator }) => policyLocator),
      lines.map(({ on }) => on),
      lines.map(({ amountMinor }) => amountMinor),
    ]);
  }

  /** @throws Error when it does not stand: the caller did not lock its account */
  async supersede(tx: Tx, { tenantId, id }: TenantKey): Promise<void> {
    if ((await tx.execute(SUPERSEDE, [tenantId, id])) !== 1) throw new Error(`statement ${id} does not stand`);
  }

  async find(tx: Tx, { tenantId, id }: TenantKey): Promise<StatementHead | null> {
    const [row] = await tx.query<HeadRow>(FIND, [tenantId, id]);
    return row ? headOf(row) : null;
  }

  /** Newest first, one more than `limit`. */
  async page(tx: Tx, tenantId: string, page: StatementPage): Promise<StatementHead[]> {
    const { policyholderLocator, policyLocator, state, before, limit } = page;
    const values = [tenantId, policyholderLocator, policyLocator, state, before, limit + 1];
    return (await tx.query<HeadRow>(PAGE, values)).map(headOf);
  }

  /** By statement. */
  async lines(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Map<string, StatementLine[]>> {
    type Row = Omit<StatementLine, 'amountMinor'> & { statementId: string; amountMinor: string };
    const rows = await tx.query<Row>(LINES, [tenantId, ids]);
    const lines = rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
    return Map.groupBy(lines, ({ statementId }) => statementId);
  }

  /** By statement, what is due first first. */
  async open(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Map<string, OpenInvoiceOfStatement[]>> {
    type Row = { statementId: string; locator: string; number: string; dueOn: string; balanceMinor: string };
    const rows = await tx.query<Row>(OPEN, [tenantId, ids]);
    const invoices = rows.map((row) => {
      return { ...row, number: BigInt(row.number), balanceMinor: BigInt(row.balanceMinor) };
    });
    return Map.groupBy(invoices, ({ statementId }) => statementId);
  }

  /** By policyholder and currency of one tenant. */
  async dueOf(tx: Tx, tenantId: string, accounts: readonly (AccountKey & { before: CalendarDate })[]) {
    type Row = { policyholderLocator: string; currency: string; dueOn: CalendarDate };
    const rows = await tx.query<Row>(DUE, [
      tenantId,
      accounts.map(({ policyholderLocator }) => policyholderLocator),
      accounts.map(({ currency }) => currency),
      accounts.map(({ before }) => before),
    ]);
    const due = new Map(rows.map((row) => [`${row.currency}/${row.policyholderLocator}`, row.dueOn]));
    return ({ currency, policyholderLocator }: AccountKey) => due.get(`${currency}/${policyholderLocator}`) ?? null;
  }
}

function headOf({ number, periodStart, periodEnd, openingMinor, closingMinor, ...row }: HeadRow): StatementHead {
  const sums = Object.fromEntries(kinds.map((kind) => [kind, BigInt(row[kind])])) as StatementHead['sums'];
  const { tenantId, id, policyholderLocator, currency, state, dueOn, supersedesId, version, createdAt } = row;
  return {
    ...{ tenantId, id, number: BigInt(number), policyholderLocator, currency, state, dueOn, supersedesId, version },
    ...{ period: { start: periodStart, end: periodEnd }, sums, createdAt },
    ...{ openingMinor: BigInt(openingMinor), closingMinor: BigInt(closingMinor) },
  };
}
