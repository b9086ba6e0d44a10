import { addDays } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { amountOf, isUnbilled, merged, takeOff } from './recut.ts';
import type { ChargeLine, LaidInstalment, Recut, StandingInstalment } from './recut.ts';

export interface TermEnd {
  /** What is given back: negative. */
  readonly returns: readonly ChargeLine[];
  /** The first date that is not covered any more. */
  readonly on: CalendarDate;
  readonly today: CalendarDate;
}

/**
 * What is still to be billed of a term that ends early. What is given back is taken off the last instalments first; what
 * is due by the last day of cover stays as it was, and all that is left beyond is one final bill.
 */
export function cancelTerm(standing: readonly StandingInstalment[], { returns, on, today }: TermEnd): Recut {
  const unbilled = standing.filter(isUnbilled);
  const { laid, credited } = takeOff(unbilled, returns, 'reduce_last_first');
  const stays = laid.filter(
    (each, index) => each.dueOn < on && amountOf(each.lines) === amountOf(unbilled[index]!.lines),
  );
  const moved = laid.filter((each) => !stays.includes(each));
  if (moved.length === 0) return { laid: stays, credited };
  return { laid: [...stays, finalOf(moved, { on, today })], credited };
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
