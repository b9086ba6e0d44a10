// Reading the books: sums of decimal strings, and whether an entry is the mirror of another.
import { add, formatAmount, parseAmount, subtract, sum, zero } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import type { JournalEntry, Stage } from './stage.ts';

interface TrialBalance {
  accounts: { code: string; balance: string }[];
  total: string;
}

export const sumOf = (amounts: readonly string[], currency: string): string =>
  formatAmount(
    sum(
      amounts.map((amount) => parseAmount(amount, currency)),
      currency,
    ),
  );

/** Debit less credit of every account that the entries touch. */
export function balancesOf(entries: readonly JournalEntry[]): Record<string, string> {
  const balances = new Map<string, Money>();
  for (const { account, debit, credit, currency } of entries.flatMap(({ lines }) => lines)) {
    const amount = subtract(parseAmount(debit, currency), parseAmount(credit, currency));
    balances.set(account, add(balances.get(account) ?? zero(currency), amount));
  }
  const sorted = [...balances].toSorted(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(sorted.map(([account, balance]) => [account, formatAmount(balance)]));
}

export function isBalanced({ lines }: JournalEntry): boolean {
  return [...new Set(lines.map(({ currency }) => currency))].every((currency) => {
    const own = lines.filter((line) => line.currency === currency);
    const total = (side: 'debit' | 'credit') =>
      sumOf(
        own.map((line) => line[side]),
        currency,
      );
    return total('debit') === total('credit');
  });
}

/** The same accounts and amounts with debit and credit exchanged. */
export function isMirror(entry: JournalEntry, original: JournalEntry): boolean {
  const flat = (lines: JournalEntry['lines'], from: 'debit' | 'credit') =>
    lines.map((line) => `${line.account} ${line[from]} ${line[from === 'debit' ? 'credit' : 'debit']}`).toSorted();
  return JSON.stringify(flat(entry.lines, 'debit')) === JSON.stringify(flat(original.lines, 'credit'));
}

export async function journalOf(stage: Stage, filter: string): Promise<JournalEntry[]> {
  const { items } = await stage.get<{ items: JournalEntry[] }>(`/journal-entries?${filter}&limit=500`);
  return items.toReversed();
}

/** Others may book at the same time, so of the whole book only this is fixed: debits and credits are equal. */
export async function trialTotal(stage: Stage): Promise<string> {
  const books = await stage.get<Record<string, TrialBalance>>('/trial-balance');
  return books[stage.tenant.currency]?.total ?? 'no entries';
}
