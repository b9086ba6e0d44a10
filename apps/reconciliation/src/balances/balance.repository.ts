import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { AccountBalance } from '../domain/chart.ts';

/** Up to and with a date, by the business date of the entries or by the day they were booked. */
export interface BalanceAt {
  readonly at?: string | undefined;
  readonly basis: 'effective' | 'posted';
  readonly account?: string | undefined;
}

/** Lines of these; what is not given is not asked for. */
export interface Dimension {
  readonly role?: string | undefined;
  readonly policy?: string | undefined;
  readonly invoice?: string | undefined;
  readonly party?: string | undefined;
}

/**
 * What is rolled up, and the lines of what is not yet: one statement, so that both are of one moment. The tail is
 * looked up entry by entry; the second bound, which is none, tells the planner that it is short.
 */
const balances = (dateOfDay: string, dateOfEntry: string) => `
  SELECT currency, account, sum(debit)::text AS debit, sum(credit)::text AS credit FROM (
    SELECT currency, account, debit_minor AS debit, credit_minor AS credit FROM balance_days
     WHERE ($1::date IS NULL OR ${dateOfDay} <= $1) AND ($2::text IS NULL OR account = $2)
    UNION ALL
    SELECT l.currency, l.account, greatest(l.amount_minor, 0), greatest(-l.amount_minor, 0)
      FROM (SELECT tenant_id, id FROM journal_entries
             WHERE seq > (SELECT through_seq FROM ledger_progress) AND seq < 9223372036854775807
               AND ($1::date IS NULL OR ${dateOfEntry} <= $1) OFFSET 0) e
     CROSS JOIN LATERAL (SELECT * FROM journal_lines
             WHERE tenant_id = e.tenant_id AND entry_id = e.id AND ($2::text IS NULL OR account = $2) OFFSET 0) l
  ) parts GROUP BY currency, account ORDER BY currency, account`;
const BALANCES = {
  effective: balances('effective_on', 'effective_on'),
  posted: balances('posted_on', `(posted_at AT TIME ZONE 'UTC')::date`),
};

const COLUMNS: readonly [keyof Dimension, string][] = [
  ['role', `account = (SELECT code FROM accounts WHERE role = $)`],
  ['policy', 'policy_locator = $'],
  ['invoice', 'invoice_locator = $'],
  ['party', 'party = $'],
];

@Injectable()
export class BalanceRepository {
  /** Of the transaction's tenant. */
  async balances(tx: Tx, { at, basis, account }: BalanceAt): Promise<AccountBalance[]> {
    return (await tx.query<Row>(BALANCES[basis], [at ?? null, account ?? null])).map(balanceOf);
  }

  /** A statement for each set of dimensions, which starts from the index of one of them. */
  async ofDimension(tx: Tx, dimension: Dimension): Promise<AccountBalance[]> {
    const asked = COLUMNS.filter(([name]) => dimension[name] !== undefined);
    const conditions = asked.map(([, condition], index) => condition.replace('$', `$${index + 1}`));
    const text = `
      SELECT currency, account, coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0)::text AS debit,
             coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)::text AS credit
        FROM journal_lines WHERE ${conditions.join(' AND ')} GROUP BY currency, account ORDER BY currency, account`;
    const values = asked.map(([name]) => dimension[name]);
    return (await tx.query<Row>(text, values)).map(balanceOf);
  }
}

interface Row {
  currency: string;
  account: string;
  debit: string;
  credit: string;
}

const balanceOf = (row: Row): AccountBalance => ({ ...row, debit: BigInt(row.debit), credit: BigInt(row.credit) });
