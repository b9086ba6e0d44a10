import type { CalendarDate } from './calendar.ts';
import { isUnbilled, merged } from './recut.ts';
import type { LaidInstalment, StandingInstalment } from './recut.ts';

export interface Pause {
  readonly start: CalendarDate;
  /** The first date on which it is billed again. */
  readonly end: CalendarDate;
}

/**
 * What fell due while nothing was billed is one instalment afterwards; a due date on the last day's morrow is not held.
 */
export function catchUp(
  standing: readonly StandingInstalment[],
  { start, end }: Pause,
  dueOn: CalendarDate,
): LaidInstalment[] {
  const unbilled = standing.filter(isUnbilled);
  const isHeld = (each: StandingInstalment) => each.dueOn >= start && each.dueOn < end;
  const held = unbilled.filter(isHeld);
  const [first] = held;
  if (!first) return [...unbilled];
  const together: LaidInstalment = {
    source: 'catch_up',
    dueOn,
    period: { start: first.period.start, end: held.at(-1)!.period.end },
    lines: merged(held.flatMap(({ lines }) => lines)),
  };
  return [together, ...unbilled.filter((each) => !isHeld(each))];
}
