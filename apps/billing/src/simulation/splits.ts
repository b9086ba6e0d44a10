import type { CalendarDate, Period } from '../domain/calendar.ts';
import type { Charge } from '../domain/charge.ts';
import type { Plan } from '../domain/plan.ts';
import type { LaidInstalment } from '../domain/recut.ts';
import type { PlannedSchedule } from '../domain/schedule.ts';
import type { Change } from '../transactions/change.ts';

/** What is wrong with a term as a plan lays it out: its amounts, its dates, its cover (domain.md 3.5, 1 to 3). */
export function splitViolations(
  { instalments, totalMinor, charges: stored }: PlannedSchedule,
  charges: readonly Charge[],
  { plan, cover, currency }: { plan: Plan; cover: Period; currency: string },
): string[] {
  const found: string[] = [];
  const whole = stored.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const billed = instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (whole !== totalMinor || billed !== whole) found.push(`${whole} is charged, ${billed} is in instalments`);
  const first = charges.reduce(
    (sum, { handling, amountMinor }) => (handling === 'proratable' ? sum : sum + amountMinor),
    0n,
  );
  const fee = plan.instalmentFee?.[currency] ?? 0n;
  const spread = instalments.map(({ amountMinor }, index) => amountMinor - (index === 0 ? first : fee));
  found.push(...uneven(plan.downPayment === null ? spread : spread.slice(1)));
  let from = cover.start;
  for (const { dueOn, period } of instalments) {
    if (!isOnAnchor(dueOn, cover.start)) found.push(`${dueOn} is not counted from ${cover.start}`);
    if (period.start !== from) found.push(`cover from ${from} to ${period.start} is in no instalment`);
    from = period.end;
  }
  return from === cover.end ? found : [...found, `the instalments cover to ${from}, the term to ${cover.end}`];
}

/** An endorsement's charges that are spread, and the pool of a new plan, are splits of their own (S-36). */
export function recutViolations({ transaction, charges, laid, plan }: Change, standing: Plan): string[] {
  if (plan !== null) {
    const fees = new Set(charges.map(({ id }) => id));
    const isOfOneSign = !laid.some(({ lines }) => lines.some(({ amountMinor }) => amountMinor < 0n));
    return isOfOneSign ? uneven(laid.map((each) => amountOf(each, (id) => !fees.has(id)))) : [];
  }
  if (transaction.type !== 'endorsement' || standing.endorsementPolicy !== 'spread') return [];
  const own = new Set(
    charges.filter(({ handling, amountMinor }) => handling === 'proratable' && amountMinor > 0n).map(({ id }) => id),
  );
  return uneven(
    laid.filter(({ source }) => source !== 'endorsement').map((each) => amountOf(each, (id) => own.has(id))),
  );
}

/** Parts differ by a unit at most, the first ones are the larger ones, and none is negative. */
function uneven(parts: readonly bigint[]): string[] {
  const isRight = parts.every((part, n) => part >= 0n && part <= parts[0]! && (n === 0 || part <= parts[n - 1]!));
  return isRight && (parts[0] ?? 0n) - (parts.at(-1) ?? 0n) <= 1n ? [] : [`${parts.join(' ')} is no even split`];
}

function amountOf({ lines }: LaidInstalment, isOf: (chargeId: string) => boolean): bigint {
  let sum = 0n;
  for (const { chargeId, amountMinor } of lines) if (isOf(chargeId)) sum += amountMinor;
  return sum;
}

/** The day of the first date, or the last of a month that has no such day. */
function isOnAnchor(date: CalendarDate, anchor: CalendarDate): boolean {
  const [day, wanted] = [date.slice(8), anchor.slice(8)];
  return day === wanted || (day < wanted && new Date(Date.parse(date) + 86_400_000).getUTCDate() === 1);
}
