import type { Money } from '@quittance/money/money';
import type { Account } from './chart.ts';
import { DomainError } from './errors.ts';
import { lineOn } from './lines.ts';
import type { Dimensions } from './lines.ts';
import type { BookedEntry, JournalLine, Posting, Reversal } from './entry.ts';

/** A line as a person writes it: an account by its code, or by what it is for. */
export interface WrittenLine extends Dimensions {
  readonly account: string | undefined;
  readonly role: string | undefined;
  /** A debit is positive, a credit negative. */
  readonly amount: Money;
}

export interface WrittenEntry {
  readonly id: string;
  readonly description: string;
  readonly bookedBy: string;
  readonly effectiveOn: string;
  readonly isAdjusting: boolean;
  readonly lines: readonly WrittenLine[];
}

/** As it is asked for: who books it, and the number of it, are not the asker's to say. */
export type NewEntry = Omit<WrittenEntry, 'id' | 'bookedBy' | 'effectiveOn'> & {
  readonly effectiveOn: string | undefined;
};

const MANUAL = 'manual';

/** @throws DomainError `account_not_defined`, with the pointer of each line that names no account of the chart */
export function manualEntry(written: WrittenEntry, accounts: readonly Account[]): Posting {
  const unknown: { pointer: string; detail: string }[] = [];
  const lines = written.lines.flatMap((line, index): JournalLine[] => {
    const account = accounts.find(({ code, role }) => (line.account ? code === line.account : role === line.role));
    if (account) return [lineOn(account.code, line.amount, line)];
    const pointer = `/lines/${index}/${line.account ? 'account' : 'role'}`;
    unknown.push({ pointer, detail: 'is not in the chart of accounts' });
    return [];
  });
  if (unknown.length > 0) {
    throw new DomainError('account_not_defined', 'A line names no account of the chart.', { errors: unknown });
  }
  const { id, effectiveOn, description, bookedBy, isAdjusting } = written;
  const said = { description, bookedBy, isAdjusting };
  return { kind: 'manual_entry', source: { type: MANUAL, id }, effectiveOn, lines, ...said };
}

/**
 * What a person booked a person may undo. What a fact booked is undone by the fact that undoes it: by hand it would be
 * undone twice when that comes.
 * @throws DomainError `entry_not_reversible`
 */
export function manualReversal(entry: BookedEntry, effectiveOn: string): Reversal {
  const { kind, source } = entry;
  if (source.type !== MANUAL || entry.reverses !== null) {
    throw new DomainError('entry_not_reversible', 'Only what was booked by hand is reversed by hand, and that once.');
  }
  return { kind: 'manual_entry_reversed', source, effectiveOn, of: { kind, source } };
}
