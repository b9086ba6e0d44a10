import type { EntryKey } from '../domain/entry.ts';

export interface EntryFilter {
  readonly policyLocator?: string | undefined;
  readonly paymentLocator?: string | undefined;
  readonly account?: string | undefined;
  readonly source?: EntryKey['source'] | undefined;
  /** Effective dates, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Entries older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

const touching = (column: string) => (value: string) => `EXISTS (SELECT FROM journal_lines l
     WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.${column} = ${value})`;

/**
 * A statement for each set of filters that is asked for: beside "or there is no filter" the planner could not start
 * from its index.
 */
export function pageSql(columns: string, filter: EntryFilter): { text: string; values: unknown[] } {
  const values: unknown[] = [filter.before, filter.limit + 1];
  const where: string[] = [];
  const given: [unknown, (value: string) => string][] = [
    [filter.policyLocator, touching('policy_locator')],
    [filter.paymentLocator, touching('payment_locator')],
    [filter.account, touching('account')],
    [filter.source?.type, (value) => `e.source_type = ${value}`],
    [filter.source?.id, (value) => `e.source_id = ${value}`],
    [filter.from, (value) => `e.effective_on >= ${value}`],
    [filter.to, (value) => `e.effective_on <= ${value}`],
  ];
  for (const [value, condition] of given) {
    if (value !== undefined) where.push(condition(`$${values.push(value)}`));
  }
  const conditions = where.map((condition) => `\n     AND ${condition}`).join('');
  return {
    text: `
  SELECT ${columns} FROM journal_entries e
   WHERE ($1::uuid IS NULL OR e.id < $1)${conditions}
   ORDER BY e.id DESC LIMIT $2`,
    values,
  };
}
