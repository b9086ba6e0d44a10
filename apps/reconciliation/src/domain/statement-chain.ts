import type { BankStatement, StatementState } from './bank-statement.ts';

/** What of a statement tells its place among those of its account. */
export type Link = Pick<BankStatement, 'sequence' | 'from' | 'to' | 'opening' | 'closing'>;

/** Whether a statement begins where the one before it ended, so that the two share no line. */
export function continues(previous: Link | null, next: Link): boolean {
  if (previous === null || previous.closing === null || next.opening === null) return false;
  const isAnother = next.to > previous.to || (next.sequence ?? '') !== (previous.sequence ?? '');
  const isLater = (next.from ?? next.to) >= previous.to && isAnother;
  return isLater && previous.closing === next.opening;
}

/** Why a statement seems to be missing between two, or null. A number that starts again with a year is no gap. */
export function gapBetween(previous: Link, next: Link): string | null {
  const [before, after] = [numberOf(previous.sequence), numberOf(next.sequence)];
  if (before && after && skips(before, after))
    return `statement ${next.sequence} follows ${previous.sequence}: what is between is missing`;
  if (previous.closing === null || next.opening === null || previous.closing === next.opening) return null;
  return 'it does not open with what the statement before it closed with';
}

interface SequenceNumber {
  readonly number: number;
  readonly page: number;
}

function numberOf(sequence: string | null): SequenceNumber | null {
  const found = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(sequence ?? '');
  return found ? { number: Number(found[1]), page: Number(found[2] ?? 1) } : null;
}

function skips(before: SequenceNumber, after: SequenceNumber): boolean {
  if (after.number === before.number) return after.page > before.page + 1;
  return after.number > before.number + 1;
}

export interface StoredLink extends Link {
  readonly id: string;
  readonly state: StatementState;
}

/** Those of a number that come first in time, by day, number and page, and then as they came in. */
export function inOrder(links: readonly StoredLink[]): StoredLink[] {
  return links.toSorted((a, b) => compare(rankOf(a), rankOf(b)));
}

/**
 * Another edition of one statement: corrected, or in another format. It ends on the same day and nothing speaks against
 * it, and either the number is the same or both balances are, with money moved between them.
 */
export function isEdition(a: Link, b: Link): boolean {
  const [one, other] = [nameOf(a.sequence), nameOf(b.sequence)];
  if (a.to !== b.to || differ(one, other) || differ(a.opening, b.opening)) return false;
  const isSameStretch = a.opening !== null && a.opening === b.opening && a.closing !== null && a.closing === b.closing;
  return (one !== null && one === other) || (isSameStretch && a.opening !== a.closing);
}

const differ = <T>(a: T | null, b: T | null) => a !== null && b !== null && a !== b;

/** '00005' and '5/1' name one statement. */
function nameOf(sequence: string | null): string | null {
  const found = numberOf(sequence);
  return found ? `${found.number}/${found.page}` : sequence;
}

/** What a statement follows and what follows it; other editions of it are neither. */
export function neighbours(chain: readonly StoredLink[], own: StoredLink) {
  const others = chain.filter((link) => link.id === own.id || !isEdition(link, own));
  const ordered = inOrder(others.some(({ id }) => id === own.id) ? others : [...others, own]);
  const at = ordered.findIndex(({ id }) => id === own.id);
  return { previous: ordered[at - 1] ?? null, next: ordered[at + 1] ?? null };
}

function rankOf({ to, from, sequence, id }: StoredLink): (string | number)[] {
  const number = numberOf(sequence);
  return [to, from ?? to, number?.number ?? 0, number?.page ?? 0, id];
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}
