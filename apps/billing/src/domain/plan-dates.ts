import { addDays, addMonths, daysBetween } from './calendar.ts';
import type { CalendarDate, Period } from './calendar.ts';
import { monthsOf, notEligible, weekdays } from './plan.ts';
import type { Anchor, Plan, PlanRequest } from './plan.ts';

/** More than a weekly plan needs for seven years; beyond, a term is a slip of a key. */
export const INSTALMENTS_MAX = 400;

export interface PlannedPeriod {
  readonly dueOn: CalendarDate;
  readonly generateOn: CalendarDate;
  readonly autopayOn: CalendarDate;
  readonly period: Period;
  /** Of a period that the term cuts short: its days, and those that it would have. */
  readonly stub: { readonly days: number; readonly of: number } | null;
}

/** The plan's own dates without end, 0 being the first that is not before the term; -1 is the one before that. */
type Grid = (index: number) => CalendarDate;

/**
 * When the instalments of a plan are due, and what they cover: each date from its anchor, never from the date before.
 * @throws DomainError `plan_not_eligible` when the plan is not for such a term
 */
export function planPeriods(plan: Plan, request: PlanRequest): PlannedPeriod[] {
  const { term, transaction } = request;
  if (term.start >= term.end) throw notEligible(plan, 'needs a term that holds a due date');
  const covered = coveredPeriods(plan, request);
  return covered.map(({ anchor, period, stub }) => {
    const early = addDays(anchor, -plan.dueLeadDays);
    // A renewal may be due before its term starts. What is issued was not there to be paid before.
    const dueOn = transaction !== 'renewal' && early < term.start ? term.start : early;
    return {
      dueOn,
      generateOn: addDays(dueOn, -plan.generateLeadDays),
      autopayOn: addDays(dueOn, -plan.autopayLeadDays),
      period,
      stub,
    };
  });
}

interface Covered extends Pick<PlannedPeriod, 'period' | 'stub'> {
  readonly anchor: CalendarDate;
}

function coveredPeriods(plan: Plan, request: PlanRequest): Covered[] {
  const { term } = request;
  if (plan.cadence.type === 'full_pay') return joined([term.start], term);
  const grid = gridOf(plan, request);
  const dates = datesWithin(plan, grid, term);
  const atStart = dates[0] === term.start ? dates : [term.start, ...dates];
  if (plan.prorateStubs) return prorated(atStart, grid, { term, shift: atStart.length - dates.length });
  const starts = plan.downPayment ? atStart : dates;
  if (starts.length === 0) throw notEligible(plan, 'needs a term that holds a due date');
  if (plan.amountBasis === 'per_period') return wholePeriods(starts, grid, term);
  return joined(counted(plan, starts, term), term);
}

function gridOf(plan: Plan, { term, dueDay = null }: PlanRequest): Grid {
  const { cadence, anchor } = plan;
  if (cadence.type === 'every_n_weeks') {
    const ahead = anchor.mode === 'weekday' ? (weekdays.indexOf(anchor.weekday) - weekdayOf(term.start) + 7) % 7 : 0;
    return (index) => addDays(term.start, ahead + index * 7 * cadence.weeks);
  }
  if (cadence.type === 'custom') {
    const add = cadence.unit === 'days' ? addDays : addMonths;
    return (index) => {
      const offset = cadence.offsets[index];
      return offset === undefined ? term.end : add(term.start, offset);
    };
  }
  const every = cadence.type === 'full_pay' ? 12 : monthsOf[cadence.type];
  const day = dayOf(anchor, dueDay);
  if (day === null) return (index) => addMonths(term.start, index * every);
  const skipped = addMonths(term.start, 0, day) < term.start ? 1 : 0;
  return (index) => addMonths(term.start, (index + skipped) * every, day);
}

/** The day of the month that due dates are on; null: that on which the term starts. */
function dayOf(anchor: Anchor, chosen: number | null): number | null {
  if (anchor.mode === 'day_of_month') return anchor.day;
  return anchor.mode === 'due_day_choice' ? chosen : null;
}

/** 0 is Monday. */
function weekdayOf(date: CalendarDate): number {
  const monday = '2024-01-01';
  return ((daysBetween(monday, date) % 7) + 7) % 7;
}

function datesWithin(plan: Plan, grid: Grid, term: Period): CalendarDate[] {
  const dates: CalendarDate[] = [];
  for (let index = 0; ; index++) {
    const date = grid(index);
    if (date >= term.end) break;
    if (index === INSTALMENTS_MAX) throw notEligible(plan, `would have more than ${INSTALMENTS_MAX} instalments`);
    dates.push(date);
  }
  return dates;
}

/** So many of the dates as the plan has instalments, none of them but the first in the last days of the term. */
function counted(plan: Plan, dates: readonly CalendarDate[], term: Period): CalendarDate[] {
  const { cadence, downPayment, dueLeadDays, blackoutDaysBeforeExpiry } = plan;
  const open = dates.filter(
    (date, index) => index === 0 || daysBetween(date, term.end) + dueLeadDays >= blackoutDaysBeforeExpiry,
  );
  const count = cadence.type === 'custom' ? cadence.offsets.length : plan.count;
  if (count !== null) {
    if (open.length < count) throw notEligible(plan, `needs a term that holds ${count} due dates`);
    return open.slice(0, count);
  }
  // What the down payment pays ahead is nobody's instalment: two periods down and ten more make a year.
  const ahead = downPayment?.type === 'periods' ? downPayment.periods - 1 : 0;
  if (ahead >= open.length) throw notEligible(plan, `needs a term of more than ${ahead} periods`);
  return open.slice(0, open.length - ahead);
}

/** Together they cover the term: the first one from its start on, the last one to its end. */
function joined(dates: readonly CalendarDate[], term: Period): Covered[] {
  return dates.map((anchor, index) => ({
    anchor,
    period: { start: index === 0 ? term.start : anchor, end: dates[index + 1] ?? term.end },
    stub: null,
  }));
}

/** Whole periods from the first anchor date on: the days before it are not billed. */
function wholePeriods(dates: readonly CalendarDate[], grid: Grid, term: Period): Covered[] {
  return dates.map((anchor, index) => {
    const next = grid(index + 1);
    return { anchor, period: { start: anchor, end: next < term.end ? next : term.end }, stub: null };
  });
}

/** `shift`: how many of the starts are before the first date of the grid. */
function prorated(
  starts: readonly CalendarDate[],
  grid: Grid,
  { term, shift }: { term: Period; shift: number },
): Covered[] {
  return joined(starts, term).map((covered, index) => {
    const of = daysBetween(grid(index - shift), grid(index - shift + 1));
    const days = daysBetween(covered.period.start, covered.period.end);
    return { ...covered, stub: days === of ? null : { days, of } };
  });
}
