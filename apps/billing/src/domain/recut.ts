import { lines as linesOf, spreadFirst } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import type { InstalmentSource, InstalmentState } from './instalment.ts';

/** How much of which charge. */
export interface ChargeLine {
  readonly chargeId: string;
  readonly amountMinor: bigint;
}

/** An instalment of a schedule as it stands. What is billed of a schedule is fixed, the rest may be laid out anew. */
export interface StandingInstalment {
  readonly id: string;
  readonly number: number;
  readonly source: InstalmentSource;
  readonly state: InstalmentState;
  readonly dueOn: CalendarDate;
  readonly period: Period;
  readonly lines: readonly ChargeLine[];
}

/** One that takes its place. Its number is given when the whole is numbered. */
export interface LaidInstalment {
  readonly source: InstalmentSource;
  readonly dueOn: CalendarDate;
  readonly period: Period;
  readonly lines: readonly ChargeLine[];
}

/** What becomes of the part of a schedule that is not billed yet. */
export interface Recut {
  /** In the order of their due dates. */
  readonly laid: readonly LaidInstalment[];
  /** What no instalment could take off: negative, a credit. */
  readonly credited: readonly ChargeLine[];
}

/** How an endorsement that costs more is billed. */
export const endorsementPolicies = ['spread', 'next', 'immediate', 'bill_separately'] as const;
export type EndorsementPolicy = (typeof endorsementPolicies)[number];

/** From which unbilled instalments something that costs less is taken off, before the rest is a credit. */
export const returnPolicies = ['reduce_spread', 'reduce_last_first', 'reduce_next_first', 'refund'] as const;
export type ReturnPolicy = (typeof returnPolicies)[number];

export function isUnbilled({ state }: Pick<StandingInstalment, 'state'>): boolean {
  return state === 'scheduled';
}

export function amountOf(lines: readonly ChargeLine[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/**
 * Charges spread over some instalments, as charges of their own beside what is there: the first carry the odd units.
 */
export function addSpread(laid: readonly LaidInstalment[], charges: readonly ChargeLine[]): LaidInstalment[] {
  if (charges.length === 0) return [...laid];
  return withRows(laid, charges, spreadFirst(amountOf(charges), laid.length));
}

/** Takes charges, all of them negative, off instalments, never below zero; the rest is a credit. */
export function takeOff(laid: readonly LaidInstalment[], returns: readonly ChargeLine[], policy: ReturnPolicy): Recut {
  const wanted = -amountOf(returns);
  if (wanted === 0n) return { laid, credited: [] };
  const parts = partsOf(
    wanted,
    laid.map(({ lines }) => amountOf(lines)),
    policy,
  );
  const rest = wanted - parts.reduce((sum, part) => sum + part, 0n);
  const rows = linesOf(
    [...parts, rest],
    returns.map(({ amountMinor }) => -amountMinor),
  );
  const negative = (row: readonly bigint[]) =>
    returns.map(({ chargeId }, column) => ({ chargeId, amountMinor: -(row[column] ?? 0n) }));
  return {
    laid: laid.map((each, index) => withLines(each, negative(rows[index] ?? []))),
    credited: negative(rows.at(-1) ?? []).filter(({ amountMinor }) => amountMinor !== 0n),
  };
}

/** How much each instalment gives, of what it holds. */
function partsOf(wanted: bigint, held: readonly bigint[], policy: ReturnPolicy): bigint[] {
  if (policy === 'refund') return held.map(() => 0n);
  if (policy === 'reduce_spread') return spreadWithin(wanted, held);
  const inOrder = policy === 'reduce_last_first' ? held.toReversed() : held;
  let left = wanted;
  const parts = inOrder.map((most) => {
    const part = left < most ? left : most;
    left -= part;
    return part;
  });
  return policy === 'reduce_last_first' ? parts.toReversed() : parts;
}

/** Evenly, and where one holds less than its part, what it lacks evenly from the others. */
function spreadWithin(wanted: bigint, held: readonly bigint[]): bigint[] {
  const parts = held.map(() => 0n);
  for (let left = wanted; left > 0n;) {
    const able = held.flatMap((most, index) => (most > (parts[index] ?? 0n) ? [index] : []));
    if (able.length === 0) break;
    const shares = spreadFirst(left, able.length);
    able.forEach((index, nth) => {
      const room = (held[index] ?? 0n) - (parts[index] ?? 0n);
      const share = shares[nth] ?? 0n;
      const part = share < room ? share : room;
      parts[index] = (parts[index] ?? 0n) + part;
      left -= part;
    });
  }
  return parts;
}

/**
 * Amounts over instalments, each amount's units handed to its charges so that rows and columns are exact. Where some
 * charges are negative they are spread evenly, and the others make each instalment up to its amount.
 */
export function withRows(
  laid: readonly LaidInstalment[],
  charges: readonly ChargeLine[],
  amounts: readonly bigint[],
): LaidInstalment[] {
  const [owed, given] = [charges.filter(({ amountMinor }) => amountMinor >= 0n), charges.filter(isNegative)];
  if (given.length === 0 || owed.length === 0) return withCells(laid, charges, amounts);
  const back = spreadFirst(amountOf(given), laid.length);
  const forth = amounts.map((amount, index) => amount - (back[index] ?? 0n));
  return withCells(withCells(laid, owed, forth), given, back);
}

function isNegative({ amountMinor }: ChargeLine): boolean {
  return amountMinor < 0n;
}

/** Of charges of one sign. */
function withCells(
  laid: readonly LaidInstalment[],
  charges: readonly ChargeLine[],
  amounts: readonly bigint[],
): LaidInstalment[] {
  const rows = linesOf(
    amounts,
    charges.map(({ amountMinor }) => amountMinor),
  );
  return laid.map((each, index) =>
    withLines(
      each,
      charges.map(({ chargeId }, column) => ({ chargeId, amountMinor: rows[index]?.[column] ?? 0n })),
    ),
  );
}

/** Lines of one charge become one, lines of nothing none. */
export function withLines(laid: LaidInstalment, more: readonly ChargeLine[]): LaidInstalment {
  return { ...laid, lines: merged([...laid.lines, ...more]) };
}

export function merged(lines: readonly ChargeLine[]): ChargeLine[] {
  const sums = new Map<string, bigint>();
  for (const { chargeId, amountMinor } of lines) sums.set(chargeId, (sums.get(chargeId) ?? 0n) + amountMinor);
  return [...sums].flatMap(([chargeId, amountMinor]) => (amountMinor === 0n ? [] : [{ chargeId, amountMinor }]));
}

/** In the order of due dates; on one date what is billed apart comes first. */
export function inOrder(laid: readonly LaidInstalment[]): LaidInstalment[] {
  return laid.toSorted((a, b) => compare(a.dueOn, b.dueOn) || compare(rank(a), rank(b)));
}

function rank({ source }: LaidInstalment): number {
  return source === 'endorsement' || source === 'catch_up' ? 0 : 1;
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
