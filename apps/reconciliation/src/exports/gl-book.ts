// What a writer is given, and what each of them needs of an entry.
import { formatAmount } from '@quittance/money/money';
import type { AccountType } from '../domain/chart.ts';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';

export interface GlAccount {
  readonly code: string;
  readonly role: string;
  readonly type: AccountType;
}

/** A range of the books, in the order of booking. */
export interface GlBook {
  readonly entries: readonly BookedEntry[];
  /** By code. */
  readonly accounts: ReadonlyMap<string, GlAccount>;
  /** Nothing was booked before: every account begins at zero, so that balances may be asserted. */
  readonly isFromStart: boolean;
}

/** A file of an export. Several only where the receiving program takes no more at once. */
export interface GlFile {
  readonly extension: 'journal' | 'beancount' | 'iif' | 'json' | 'csv';
  readonly contentType: string;
  readonly text: string;
}

export type GlWriter = (book: GlBook) => GlFile[];

export const decimal = (minor: bigint, currency: string) => formatAmount({ minor, currency });

/** @throws Error for an account that is not in the chart: a foreign key lets none into the books */
export function accountIn({ accounts }: Pick<GlBook, 'accounts'>, code: string): GlAccount {
  const account = accounts.get(code);
  if (!account) throw new Error(`account ${code} is not in the chart`);
  return account;
}

/** `premium_receivable` for people: `Premium receivable`. */
export function nameOf({ role }: Pick<GlAccount, 'role'>): string {
  const words = role.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Programs that know one currency a document get a document a currency; each balances, as the entry does. */
export function byCurrency(lines: readonly JournalLine[]): [currency: string, lines: JournalLine[]][] {
  return [...Map.groupBy(lines, ({ currency }) => currency)].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What an entry says of itself in one line. */
export const narrationOf = ({ kind, source, seq }: BookedEntry) => `${seq} ${kind} ${source.type} ${source.id}`;
