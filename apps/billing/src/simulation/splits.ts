import type { CalendarDate, Period } from '../domain/calendar.ts';
import type { Charge } from '../domain/charge.ts';
import type { Plan } from '../domain/plan.ts';
import type { LaidInstalment } from '../domain/recut.ts';
import type { PlannedSchedule } from '../domain/schedule.ts';
import type { Change } from '../transactions/change.ts';

/** What is wrong with a term as a plan lays it out: its amounts, its dates, its cover (domain.md 3.5, 1 to 3). */
export function splitViolations(
  { instalments, totalMinor }: PlannedSchedule,
  charges: readonly Charge[],
  { plan, cover }: { plan: Plan; cover: Period },
): string[] {
  const found: string[] = [];
  const whole = charges.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const billed = instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (whole !== totalMinor || billed !== whole) found.push(`${whole} is charged, ${billed} is in instalments`);
  const first = charges.reduce(
    (sum, { handling, amountMinor }) => (handling === 'proratable' ? sum : sum + amountMinor),
    0n,
  );
  const spread = instalments.map(({ amountMinor }, index) => (index === 0 ? amountMinor - first : amountMinor));
  found.push(...uneven(plan.downPercent === null ? spread : spread.slice(1)));
  let from = cover.start;
  for (const { dueOn, period } of instalments) {
    if (!isOnAnchor(dueOn, cover.start)) found.push(`${dueOn} is not counted from ${cover.start}`);
    if (period.start !== from) found.push(`cover from ${from} to ${period.start} is in no instalment`);
    from = period.end;
  }
  return from === cover.end ? found : [...found, `the instalments cover to ${from}, the term to ${cover.end}`];
}

/** An endorsement's charges that are spread, and the pool of a new plan, are splits of their own (S-36). */
export function recutViolations({ transaction, charges, laid, plan }: Change): string[] {
  if (plan !== null) {
    const isOfOneSign = !laid.some(({ lines }) => lines.some(({ amountMinor }) => amountMinor < 0n));
    return isOfOneSign ? uneven(laid.map((each) => amountOf(each))) : [];
  }
  if (transaction.type !== 'endorsement') return [];
  const own = new Set(
    charges.filter(({ handling, amountMinor }) => handling === 'proratable' && amountMinor > 0n).map(({ id }) => id),
  );
  return uneven(laid.filter(({ source }) => source !== 'endorsement').map((each) => amountOf(each, own)));
}

/** Parts differ by a unit at most, the first ones are the larger ones, and none is negative. */
function uneven(parts: readonly bigint[]): string[] {
  const isRight = parts.every((part, n) => part >= 0n && part <= parts[0]! && (n === 0 || part <= parts[n - 1]!));
  return isRight && (parts[0] ?? 0n) - (parts.at(-1) ?? 0n) <= 1n ? [] : [`${parts.join(' ')} is no even split`];
}

function amountOf({ lines }: LaidInstalment, of?: ReadonlySet<string>): bigint {
  let sum = 0n;
  for (const { chargeId, amountMinor } of lines) if (!of || of.has(chargeId)) sum += amountMinor;
  return sum;
}

/** The day of the first date, or the last of a month that has no such day. */
function isOnAnchor(date: CalendarDate, anchor: CalendarDate): boolean {
  const [day, wanted] = [date.slice(8), anchor.slice(8)];
  return day === wanted || (day < wanted && new Date(Date.parse(date) + 86_400_000).getUTCDate() === 1);
}
