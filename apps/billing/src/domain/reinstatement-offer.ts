import { addDays, daysBetween } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';

export interface Lapse {
  /** The first date without cover. */
  readonly lapsedOn: CalendarDate;
  readonly pastDueMinor: bigint;
  readonly feeMinor: bigint;
  /** So little short is as good as enough, inclusive. */
  readonly toleranceMinor: bigint;
  readonly windowDays: number;
}

export interface ReinstatementOffer {
  readonly requiredMinor: bigint;
  readonly feeMinor: bigint;
  readonly receivedMinor: bigint;
  readonly isEnough: boolean;
  readonly windowEndOn: CalendarDate;
  readonly lapseDays: number;
}

/** What money after a lapse can do: nothing by itself, and nothing at all once the window has passed. */
export function offerReinstatement(
  lapse: Lapse,
  receivedMinor: bigint,
  today: CalendarDate,
): ReinstatementOffer | null {
  const windowEndOn = addDays(lapse.lapsedOn, lapse.windowDays);
  if (today > windowEndOn) return null;
  const requiredMinor = lapse.pastDueMinor + lapse.feeMinor;
  return {
    requiredMinor,
    feeMinor: lapse.feeMinor,
    receivedMinor,
    isEnough: receivedMinor >= requiredMinor - lapse.toleranceMinor,
    windowEndOn,
    lapseDays: Math.max(0, daysBetween(lapse.lapsedOn, today)),
  };
}
