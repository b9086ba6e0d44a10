import { addDays } from './calendar.ts';
import type { CalendarDate, Period } from './calendar.ts';
import { addSpread, inOrder, isUnbilled, takeOff } from './recut.ts';
import type { ChargeLine, LaidInstalment, Recut, StandingInstalment } from './recut.ts';

export interface Reinstatement {
  /** What had been given back, and is owed again; negative where a credit had been taken back. */
  readonly charges: readonly ChargeLine[];
  /** What the days without cover cost: negative, but for a credit. */
  readonly gap: readonly ChargeLine[];
  /** What the cancellation had cut out of the schedule: their dates are the plan's. */
  readonly before: readonly Pick<StandingInstalment, 'dueOn' | 'period'>[];
  readonly term: Period;
  readonly today: CalendarDate;
}

/** What was given back is owed again, on the dates of the plan that are still to come; where there are none, today. */
export function reinstateTerm(
  standing: readonly StandingInstalment[],
  { charges, gap, before, term, today }: Reinstatement,
): Recut {
  const ahead = before
    .filter(({ dueOn }) => dueOn >= today)
    .map(({ dueOn, period }): LaidInstalment => ({ source: 'reinstatement', dueOn, period, lines: [] }));
  const start = today < term.end ? today : addDays(term.end, -1);
  const atOnce: LaidInstalment = { source: 'reinstatement', dueOn: today, period: { start, end: term.end }, lines: [] };
  const signed = [...charges, ...gap];
  const laid = addSpread(
    ahead.length > 0 ? ahead : [atOnce],
    signed.filter(({ amountMinor }) => amountMinor > 0n),
  );
  const { laid: reduced, credited } = takeOff(
    laid,
    signed.filter(({ amountMinor }) => amountMinor < 0n),
    'reduce_spread',
  );
  return { laid: inOrder([...standing.filter(isUnbilled), ...reduced]), credited };
}
