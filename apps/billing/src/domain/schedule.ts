import { lines as linesOf } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import type { Charge } from './charge.ts';
import { isSpread, totalOf } from './charge.ts';
import { DomainError } from './errors.ts';
import type { InstalmentState } from './instalment.ts';
import type { Plan } from './plan.ts';
import { dueDates, instalmentAmounts, notEligible } from './plan.ts';

export type ScheduleState = 'draft' | 'active' | 'on_hold' | 'completed' | 'superseded' | 'cancelled';
export type ScheduleEvent =
  'activate' | 'hold' | 'release' | 'complete' | 'reopen' | 'supersede' | 'cancel' | 'reinstate';

/**
 * `reopen`: the payment that completed the schedule was taken back, or there is more to bill. `reinstate`: the term that
 * had ended early goes on.
 */
export const scheduleTransitions: Record<ScheduleState, Partial<Record<ScheduleEvent, ScheduleState>>> = {
  draft: { activate: 'active' },
  active: { hold: 'on_hold', complete: 'completed', supersede: 'superseded', cancel: 'cancelled' },
  on_hold: { release: 'active', cancel: 'cancelled' },
  completed: { reopen: 'active', cancel: 'cancelled' },
  superseded: {},
  cancelled: { reinstate: 'active' },
};

export interface Schedule {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
  readonly transactionId: string;
  readonly termNumber: number;
  readonly plan: string;
  readonly planVersion: number;
  readonly state: ScheduleState;
  readonly currency: string;
  readonly totalMinor: bigint;
  readonly paidThrough: CalendarDate | null;
  /** The schedule of the same term that it takes the place of. */
  readonly supersedesId: string | null;
  readonly version: number;
  readonly createdAt: Date;
}

/** @throws DomainError `invalid_transition` */
export function moveSchedule(state: ScheduleState, event: ScheduleEvent): ScheduleState {
  const next = scheduleTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `A schedule that is ${state} cannot ${event}.`, {
      allowedActions: Object.keys(scheduleTransitions[state]),
    });
  }
  return next;
}

/** A part of an instalment: how much of which charge. */
export interface PlannedLine {
  /** Index into the charges of the schedule. */
  readonly charge: number;
  readonly amountMinor: bigint;
}

export interface PlannedInstalment {
  readonly number: number;
  readonly dueOn: CalendarDate;
  readonly period: Period;
  readonly amountMinor: bigint;
  readonly lines: readonly PlannedLine[];
}

export interface PlannedSchedule {
  readonly totalMinor: bigint;
  readonly instalments: readonly PlannedInstalment[];
}

/**
 * The sum of the charges that are spread is split first, then each instalment's units go to its charges: a split of
 * each charge on its own would bill 25.68 where the quote said 25.67. What is not spread is whole on the first one.
 * @throws DomainError `plan_not_eligible`
 */
export function planSchedule(charges: readonly Charge[], plan: Plan, term: Period): PlannedSchedule {
  const dates = dueDates(plan, term);
  const rows = spreadLines(charges, plan, dates.length);
  const whole = charges.flatMap((charge, index) =>
    isSpread(charge) ? [] : [{ charge: index, amountMinor: charge.amountMinor }],
  );
  const instalments = dates.map((dueOn, i): PlannedInstalment => {
    const lines = [...(rows[i] ?? []), ...(i === 0 ? whole : [])].sort((a, b) => a.charge - b.charge);
    return {
      number: i + 1,
      dueOn,
      period: { start: dueOn, end: dates[i + 1] ?? term.end },
      amountMinor: lines.reduce((total, line) => total + line.amountMinor, 0n),
      lines,
    };
  });
  // Nothing to pay can be neither collected nor paid: the prefix of paid instalments would end there for ever.
  if (instalments.some(({ amountMinor }) => amountMinor <= 0n)) {
    throw notEligible(
      plan,
      `would have an instalment of nothing: the charges are too small for ${dates.length} of them`,
    );
  }
  return { totalMinor: totalOf(charges), instalments };
}

/** Odd units go to the smaller charges first: the largest one, last, can carry any deviation unseen. */
function spreadLines(charges: readonly Charge[], plan: Plan, count: number): PlannedLine[][] {
  const spread = charges
    .map((charge, index) => ({ charge, index }))
    .filter(({ charge }) => isSpread(charge))
    .sort((a, b) => compare(a.charge.amountMinor, b.charge.amountMinor) || a.index - b.index);
  if (spread.length === 0) return [];
  const total = totalOf(spread.map(({ charge }) => charge));
  const amounts = instalmentAmounts(plan, total, count);
  const columns = spread.map(({ charge }) => charge.amountMinor);
  return linesOf(amounts, columns).map((row) =>
    row.map((amountMinor, column) => ({ charge: spread[column]?.index ?? 0, amountMinor })),
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface CoveredInstalment {
  readonly number: number;
  readonly state: InstalmentState;
  readonly periodEnd: CalendarDate;
}

/** The end of the unbroken paid prefix. A later instalment that is paid while an earlier one is open moves nothing. */
export function paidThrough(instalments: readonly CoveredInstalment[]): CalendarDate | null {
  let end: CalendarDate | null = null;
  for (const instalment of instalments.toSorted((a, b) => a.number - b.number)) {
    if (instalment.state === 'cancelled') continue;
    if (instalment.state !== 'paid') break;
    if (end === null || instalment.periodEnd > end) end = instalment.periodEnd;
  }
  return end;
}
