import type { CalendarDate } from './calendar.ts';
import type { Charge } from './charge.ts';
import { instalmentFee, isSpread } from './charge.ts';
import { DomainError } from './errors.ts';
import type { InstalmentState } from './instalment.ts';
import { amountIn, planFor } from './plan.ts';
import type { Plan, PlanRequest } from './plan.ts';
import { spreadLines } from './plan-amounts.ts';
import type { PlannedInstalment, PlannedLine } from './plan-amounts.ts';
import { planPeriods } from './plan-dates.ts';
import { checkAmounts, checkCredit, checkEligible } from './plan-eligibility.ts';

export type ScheduleState = 'draft' | 'active' | 'on_hold' | 'completed' | 'superseded' | 'cancelled';
export type ScheduleEvent =
  'activate' | 'hold' | 'release' | 'complete' | 'reopen' | 'supersede' | 'cancel' | 'reinstate';

/**
 * `reopen`: the payment that completed the schedule was taken back, or there is more to bill. `reinstate`: the term
 * that had ended early goes on.
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

export interface PlannedSchedule {
  /**
   * What the lines are of, and what is to be stored: the charges as they were sent, but those for one period with their
   * sum over all of them, and last, where the plan has one, the instalment fees as a charge of their own.
   */
  readonly charges: readonly Charge[];
  readonly planVersion: number;
  readonly totalMinor: bigint;
  readonly instalments: readonly PlannedInstalment[];
}

/**
 * What is paid when, by a plan. What is not spread is whole on the first instalment; each but the first has its fee.
 * @throws DomainError `plan_not_eligible`
 */
export function planSchedule(charges: readonly Charge[], plan: Plan, request: PlanRequest): PlannedSchedule {
  const own = planFor(plan, request.transaction ?? 'issue');
  checkEligible(own, request);
  const periods = planPeriods(own, request);
  const rows = spreadLines(charges, own, { currency: request.currency, periods });
  const whole = wholeLines(charges);
  const feeMinor = own.instalmentFee === null ? 0n : amountIn(own, own.instalmentFee, request.currency);
  const instalments = periods.map(({ stub: _stub, ...dates }, index): PlannedInstalment => {
    const first = index === 0;
    const lines = [...rows[index]!, ...(first ? whole : [])].toSorted((a, b) => a.charge - b.charge);
    if (!first && feeMinor !== 0n) lines.push({ charge: charges.length, amountMinor: feeMinor });
    return { number: index + 1, source: 'plan', ...dates, amountMinor: sumOf(lines), lines };
  });
  checkAmounts(own, instalments, { periods, feeMinor, currency: request.currency });
  checkCredit(own, instalments, request);
  return { planVersion: plan.version, ...scheduleOf(charges, instalments) };
}

function wholeLines(charges: readonly Charge[]): PlannedLine[] {
  return charges.flatMap((charge, index) =>
    isSpread(charge) ? [] : [{ charge: index, amountMinor: charge.amountMinor }],
  );
}

/** A charge is the sum of its lines, whatever the plan made of it. */
function scheduleOf(
  charges: readonly Charge[],
  instalments: readonly PlannedInstalment[],
): Omit<PlannedSchedule, 'planVersion'> {
  const sums = new Map<number, bigint>();
  for (const { charge, amountMinor } of instalments.flatMap(({ lines }) => lines)) {
    sums.set(charge, (sums.get(charge) ?? 0n) + amountMinor);
  }
  const fees = sums.get(charges.length);
  const planned = charges.map((charge, index) => ({ ...charge, amountMinor: sums.get(index) ?? 0n }));
  return {
    charges: fees === undefined ? planned : [...planned, instalmentFee(fees)],
    totalMinor: sumOf(instalments),
    instalments,
  };
}

function sumOf(list: readonly { readonly amountMinor: bigint }[]): bigint {
  return list.reduce((total, { amountMinor }) => total + amountMinor, 0n);
}

const settledStates: ReadonlySet<InstalmentState> = new Set(['paid', 'written_off', 'cancelled']);

/** Nothing of it is to be billed, and nothing of it is owed. */
export function isSettled(instalments: readonly { readonly state: InstalmentState }[]): boolean {
  return instalments.every(({ state }) => settledStates.has(state));
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
