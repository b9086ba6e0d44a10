import { DomainError } from './errors.ts';

/** What an entry was made from: with its kind, the key that makes booking it twice impossible. */
export interface Source {
  readonly type: string;
  readonly id: string;
}

export interface JournalLine {
  readonly account: string;
  /** Minor units: a debit is positive, a credit negative. Never zero. */
  readonly amount: bigint;
  readonly currency: string;
  readonly policyLocator: string | null;
  readonly paymentLocator: string | null;
  readonly invoiceLocator: string | null;
}

export interface JournalEntry {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: string;
  readonly source: Source;
  /** The business date, which may lie before the day it was posted. */
  readonly effectiveOn: string;
  readonly reverses: string | null;
  readonly lines: readonly JournalLine[];
}

/**
 * Books nothing that does not balance in each currency.
 * @throws DomainError `entry_unbalanced`
 */
export function balanced(entry: JournalEntry): JournalEntry {
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of entry.lines) sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  for (const [currency, sum] of sums) {
    if (sum !== 0n) {
      throw new DomainError('entry_unbalanced', `The entry is off by ${sum} minor units of ${currency}.`, { currency });
    }
  }
  if (entry.lines.length < 2) throw new DomainError('entry_unbalanced', 'An entry has at least two lines.');
  return entry;
}

/** The same lines with debit and credit exchanged: how a booked entry is undone, since none is ever changed. */
export function mirrorOf(
  original: JournalEntry,
  mirror: Omit<JournalEntry, 'lines' | 'reverses' | 'tenantId'>,
): JournalEntry {
  const lines = original.lines.map((line) => ({ ...line, amount: -line.amount }));
  return balanced({ ...mirror, tenantId: original.tenantId, reverses: original.id, lines });
}
