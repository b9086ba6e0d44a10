import { isBooked } from './bank-statement.ts';
import type { BankLine, BankStatement, StatementKind } from './bank-statement.ts';

/** A line that is stored already. Those with one key are told apart by their occurrence, from 0. */
export interface KnownLine {
  readonly id: string;
  readonly key: string;
  readonly occurrence: number;
  /** Of the statement that it belongs to. */
  readonly kind: StatementKind;
  readonly bankReference: string | null;
  readonly amount: bigint;
  /** It was announced, and is not booked: what is booked later is another line. */
  readonly pending: boolean;
  /** It came in with the same file: a file says a line of a statement once. */
  readonly isOfThisFile: boolean;
}

/** What becomes of a line: a new one, or one that was said before, which now belongs to this statement as well. */
export type Placement =
  { readonly index: number; readonly occurrence: number } | { readonly index: number; readonly sameAs: string };

/**
 * Everything that makes two lines one: date, amount, references and text. Statements that overlap say a line again, and
 * a day may have two real lines that are alike; those are counted.
 */
export function keyTextOf(line: BankLine): string {
  const { bookedOn, amount, currency, references, text, reversal, pending } = line;
  const { endToEnd, creditor, bank, customer, check, batch } = references;
  const plain = text.replace(/\s+/g, ' ').trim();
  const identity = [bookedOn, amount.toString(), currency, endToEnd, creditor, bank, customer, check, batch];
  return JSON.stringify([...identity, plain, reversal, pending]);
}

/**
 * Which lines of a statement are new. The n-th of several equal lines is the n-th one that is known. Where the
 * statement `continues` another (it opens with what that closed with), nothing of it was in a statement before, so
 * equal lines of earlier statements stand beside it; what an interim report or a notification said still is the same.
 * Those may word a line differently, so there the bank's own reference with the amount is enough.
 */
export function place(
  { kind, lines }: Pick<BankStatement, 'kind' | 'lines'>,
  keys: readonly string[],
  known: readonly KnownLine[],
  continues: boolean,
): Placement[] {
  const isOther = (line: KnownLine) =>
    kind === 'statement' && line.kind === 'statement' && (continues || line.isOfThisFile);
  const isAnnounced = (line: KnownLine) => line.kind !== 'statement' || kind !== 'statement';
  const comparable = known.filter((line) => !isOther(line));
  const byKey = queuesOf(comparable.toSorted(byOccurrence), ({ key }) => key);
  const byBank = queuesOf(
    comparable.filter((line) => line.bankReference !== null && !line.pending && isAnnounced(line)),
    (line) => bankKey(line.bankReference!, line.amount),
  );
  const next = new Map<string, number>();
  for (const { key, occurrence } of known) next.set(key, Math.max(next.get(key) ?? 0, occurrence + 1));
  const taken = new Set<string>();
  const take = (queue: Queue | undefined) => {
    // What the other queue took is passed over once, however many lines are alike.
    while (queue && queue.at < queue.lines.length && taken.has(queue.lines[queue.at]!.id)) queue.at++;
    const found = queue?.lines[queue.at];
    if (found) taken.add(found.id);
    return found;
  };
  return lines.flatMap((line, index): Placement[] => {
    if (line.parent !== null) return [];
    const key = keys[index]!;
    const { bank } = line.references;
    const alike = isBooked(line) && bank !== null ? byBank.get(bankKey(bank, line.amount)) : undefined;
    const same = take(byKey.get(key)) ?? take(alike);
    if (same) return [{ index, sameAs: same.id }];
    const occurrence = next.get(key) ?? 0;
    next.set(key, occurrence + 1);
    return [{ index, occurrence }];
  });
}

interface Queue {
  readonly lines: readonly KnownLine[];
  at: number;
}

function queuesOf(lines: readonly KnownLine[], keyOf: (line: KnownLine) => string): Map<string, Queue> {
  const groups = Map.groupBy(lines, keyOf);
  return new Map([...groups].map(([key, group]) => [key, { lines: group, at: 0 }]));
}

const bankKey = (reference: string, amount: bigint) => `${amount} ${reference}`;
const byOccurrence = (a: KnownLine, b: KnownLine) => a.occurrence - b.occurrence;
