import { addDays } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { amountOf, isUnbilled, merged, takeOff } from './recut.ts';
import type { ChargeLine, LaidInstalment, Recut, StandingInstalment } from './recut.ts';

export interface TermEnd {
  /** What is given back: negative; positive where a credit is taken back, for its days will not come either. */
  readonly returns: readonly ChargeLine[];
  /** The first date that is not covered any more. */
  readonly on: CalendarDate;
  readonly today: CalendarDate;
}

/**
 * What is still to be billed of a term that ends early. What is given back is taken off the last instalments first;
 * what is due by the last day of cover stays as it was, and all that is left beyond is one final bill, with the credits
 * that are taken back. What stays keeps its number, so that an undone cancellation finds it where it was.
 */
export function cancelTerm(standing: readonly StandingInstalment[], { returns, on, today }: TermEnd): Recut {
  const unbilled = standing.filter(isUnbilled);
  const given = returns.filter(({ amountMinor }) => amountMinor < 0n);
  const { laid, credited } = takeOff([...unbilled, ...owedAgain(returns, on)], given, 'reduce_last_first');
  const firstMoved = laid.findIndex((each, index) => {
    const before = unbilled[index];
    return !before || each.dueOn >= on || amountOf(each.lines) !== amountOf(before.lines);
  });
  const stays = firstMoved === -1 ? laid : laid.slice(0, firstMoved);
  const moved = laid.slice(stays.length);
  if (moved.length === 0) return { laid: stays, credited };
  return { laid: [...stays, finalOf(moved, { on, today })], credited };
}

function owedAgain(returns: readonly ChargeLine[], on: CalendarDate): LaidInstalment[] {
  const lines = returns.filter(({ amountMinor }) => amountMinor > 0n);
  return lines.length === 0 ? [] : [{ source: 'final', dueOn: on, period: { start: on, end: addDays(on, 1) }, lines }];
}

/** It may be a bill of nothing: then it only says what of the charges came to nothing. */
function finalOf(
  moved: readonly LaidInstalment[],
  { on, today }: { on: CalendarDate; today: CalendarDate },
): LaidInstalment {
  const start = moved.reduce(
    (first, { period }) => (period.start < first ? period.start : first),
    moved[0]!.period.start,
  );
  return {
    source: 'final',
    dueOn: on < today ? today : on,
    period: { start, end: on > start ? on : addDays(start, 1) },
    lines: merged(moved.flatMap(({ lines }) => lines)),
  };
}
