import { DomainError } from './errors.ts';

/** Names an entry: for one kind and source there is never a second one, so the same fact is booked once. */
export interface EntryKey {
  readonly kind: string;
  readonly source: { readonly type: string; readonly id: string };
}

export interface JournalLine {
  readonly account: string;
  /** Minor units: a debit is positive, a credit negative. Never zero. */
  readonly amount: bigint;
  readonly currency: string;
  readonly policyLocator: string | null;
  readonly paymentLocator: string | null;
  readonly invoiceLocator: string | null;
  /** Whom it is about: a policyholder, a producer, a payer. */
  readonly party?: string | null;
}

/** What a fact is in the books. Without lines it is nothing to them. */
export interface Posting extends EntryKey {
  /** The business date, which may lie before the day it is booked. */
  readonly effectiveOn: string;
  readonly lines: readonly JournalLine[];
  /** What a person said of it, and who that was. */
  readonly description?: string | null;
  readonly bookedBy?: string | null;
  /** Put into a month on purpose: a soft close lets it pass. */
  readonly isAdjusting?: boolean;
}

/** An undoing: the entry that `of` names is to be mirrored. */
export interface Reversal extends EntryKey {
  readonly effectiveOn: string;
  readonly of: EntryKey;
}

/** A fact whose entry depends on the one that `of` names. */
export interface Dependent {
  readonly of: EntryKey;
  readonly posting: (original: JournalEntry) => Posting;
}

export interface JournalEntry extends Posting {
  readonly tenantId: string;
  readonly id: string;
  readonly reverses: string | null;
}

/** As it stands in the books, for good. */
export interface BookedEntry extends JournalEntry {
  /** Order of booking; numbers may be missing. */
  readonly seq: number;
  /** The date that it would have had, were its month not closed. */
  readonly originalEffectiveOn: string | null;
  readonly postedAt: Date;
}

/**
 * Lets nothing into the books that does not balance in each currency.
 * @throws DomainError `entry_unbalanced`
 */
export function balanced(entry: JournalEntry): JournalEntry {
  if (entry.lines.length < 2) throw new DomainError('entry_unbalanced', 'An entry has at least two lines.');
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of entry.lines) sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  for (const [currency, sum] of sums) {
    if (sum !== 0n) {
      throw new DomainError('entry_unbalanced', `The entry is off by ${sum} minor units of ${currency}.`, { currency });
    }
  }
  return entry;
}

/**
 * The same lines with debit and credit exchanged: how a booked entry is undone, since none is ever changed.
 * @throws DomainError `entry_not_booked` when there is no original
 */
export function mirrorOf(entry: JournalEntry | undefined, reversal: Reversal & { readonly id: string }) {
  const { id, kind, source, effectiveOn, of } = reversal;
  const original = booked(entry, of);
  const lines = original.lines.map((line) => ({ ...line, amount: -line.amount }));
  return balanced({ tenantId: original.tenantId, id, kind, source, effectiveOn, reverses: original.id, lines });
}

/** @throws DomainError `entry_not_booked` when there is no such entry */
export function booked(entry: JournalEntry | undefined, of: EntryKey): JournalEntry {
  if (!entry) throw new DomainError('entry_not_booked', `No ${of.kind} of ${of.source.id} is booked.`);
  return entry;
}
