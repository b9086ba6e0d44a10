/** By working days since it was opened; the day itself is none. */
export const ageBuckets = ['0-1', '2-5', '6-15', '16-30', '31-60', '61-90', '90+'] as const;
export type AgeBucket = (typeof ageBuckets)[number];

const upTo: readonly number[] = [1, 5, 15, 30, 60, 90];
const DAY_MS = 86_400_000;
/** A Monday, long ago. */
const EPOCH_MONDAY = Date.UTC(1970, 0, 5);

/** Monday to Friday after the one date until the other, both by UTC. Holidays are not known here. */
export function businessDaysBetween(from: Date, to: Date): number {
  return businessDaysUntil(to) - businessDaysUntil(from);
}

export function bucketOf(openedAt: Date, now: Date): AgeBucket {
  const age = businessDaysBetween(openedAt, now);
  const at = upTo.findIndex((limit) => age <= limit);
  return ageBuckets[at === -1 ? upTo.length : at]!;
}

/** What was opened in `[from, before)` is in the bucket; null where there is no such end. */
export interface OpenedRange {
  readonly from: Date | null;
  readonly before: Date | null;
}

export function openedIn(bucket: AgeBucket, now: Date): OpenedRange {
  const at = ageBuckets.indexOf(bucket);
  const oldest = upTo[at];
  return {
    from: oldest === undefined ? null : firstDayAged(oldest, now),
    before: at === 0 ? null : firstDayAged(upTo[at - 1]!, now),
  };
}

/** The first midnight from which on nothing is older than that. */
function firstDayAged(limit: number, now: Date): Date {
  let day = startOf(now);
  while (businessDaysBetween(new Date(day.getTime() - DAY_MS), now) <= limit) day = new Date(day.getTime() - DAY_MS);
  return day;
}

const startOf = (instant: Date) => new Date(Math.floor(instant.getTime() / DAY_MS) * DAY_MS);

function businessDaysUntil(instant: Date): number {
  const days = Math.floor((instant.getTime() - EPOCH_MONDAY) / DAY_MS);
  const weeks = Math.floor(days / 7);
  return weeks * 5 + Math.min(days - weeks * 7, 4);
}
