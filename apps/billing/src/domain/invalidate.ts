import type { CalendarDate, Period } from './calendar.ts';
import { amountOf, inOrder, isUnbilled, merged, takeOff } from './recut.ts';
import type { ChargeLine, LaidInstalment, Recut, StandingInstalment } from './recut.ts';

/** What undoing a transaction does to what was billed of it. */
export interface Invalidation extends Recut {
  /** Billed for nothing else: their invoices are void, and what was paid on them is unapplied. */
  readonly undone: readonly StandingInstalment[];
}

export interface Undoing {
  readonly charges: ReadonlySet<string>;
  readonly coverage: Period;
  readonly today: CalendarDate;
}

/**
 * A transaction did not take place after all. Its charges leave what is not billed; what is billed of nothing else is
 * undone; of the rest that was billed, what cost more is a credit and what cost less is billed, for an issued invoice
 * is never edited.
 */
export function invalidate(
  standing: readonly StandingInstalment[],
  { charges, coverage, today }: Undoing,
): Invalidation {
  const isOwn = ({ chargeId }: ChargeLine) => charges.has(chargeId);
  const billed = standing.filter((each) => !isUnbilled(each) && each.state !== 'cancelled');
  const undone = billed.filter(({ lines }) => lines.length > 0 && lines.every(isOwn));
  const mixed = merged(
    billed
      .filter((each) => !undone.includes(each))
      .flatMap(({ lines }) => lines.filter(isOwn))
      .map(({ chargeId, amountMinor }) => ({ chargeId, amountMinor: -amountMinor })),
  );
  const owed = mixed.filter(({ amountMinor }) => amountMinor > 0n);
  const again: LaidInstalment[] =
    owed.length === 0 ? [] : [{ source: 'endorsement', dueOn: today, period: coverage, lines: owed }];
  const { laid, credited } = withoutDebts(standing.filter(isUnbilled).flatMap((each) => without(each, isOwn)));
  const given = mixed.filter(({ amountMinor }) => amountMinor < 0n);
  return { undone, laid: inOrder([...again, ...laid]), credited: merged([...given, ...credited]) };
}

/** One that was there for the transaction alone goes with it. */
function without(each: StandingInstalment, isOwn: (line: ChargeLine) => boolean): LaidInstalment[] {
  const lines = each.lines.filter((line) => !isOwn(line));
  return lines.length === 0 && each.lines.length > 0 ? [] : [{ ...each, lines }];
}

/** What had been taken off what is gone now is taken off the others, and what they cannot take is a credit. */
function withoutDebts(laid: readonly LaidInstalment[]): Recut {
  const isBelow = ({ lines }: LaidInstalment) => amountOf(lines) < 0n;
  const returns = laid.filter(isBelow).flatMap(({ lines }) => lines.filter(({ amountMinor }) => amountMinor < 0n));
  if (returns.length === 0) return { laid, credited: [] };
  const positive = laid.map((each) =>
    isBelow(each) ? { ...each, lines: each.lines.filter(({ amountMinor }) => amountMinor > 0n) } : each,
  );
  return takeOff(positive, merged(returns), 'reduce_next_first');
}
