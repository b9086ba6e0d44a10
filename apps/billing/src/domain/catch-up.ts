import type { CalendarDate } from './calendar.ts';
import { isHeldOn } from './hold.ts';
import { isUnbilled, merged } from './recut.ts';
import type { LaidInstalment, StandingInstalment } from './recut.ts';

export interface Pause {
  readonly start: CalendarDate;
  /** The first date on which it is billed again. */
  readonly end: CalendarDate;
}

/**
 * What fell due while nothing was billed is one instalment afterwards; a due date on the last day's morrow is not held.
 * It stands where its first period does: another hold may keep what is before it.
 */
export function catchUp(
  standing: readonly StandingInstalment[],
  { start: startsOn, end: endsOn }: Pause,
  dueOn: CalendarDate,
): LaidInstalment[] {
  const unbilled = standing.filter(isUnbilled);
  const held = unbilled.filter((each) => isHeldOn({ startsOn, endsOn }, each.dueOn));
  if (held.length === 0) return [...unbilled];
  const starts = held.map(({ period }) => period.start).toSorted();
  const ends = held.map(({ period }) => period.end).toSorted();
  const together: LaidInstalment = {
    source: 'catch_up',
    dueOn,
    period: { start: starts[0]!, end: ends.at(-1)! },
    lines: merged(held.flatMap(({ lines }) => lines)),
  };
  const rest = unbilled.filter((each) => !held.includes(each));
  return [together, ...rest].toSorted((a, b) => compare(a.period.start, b.period.start));
}

function compare(a: CalendarDate, b: CalendarDate): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
