import { newId } from '@quittance/service-kit/id';
import { addDays } from '../domain/calendar.ts';
import { planFor } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import { amountOf, isUnbilled } from '../domain/recut.ts';
import type { ChargeLine, LaidInstalment, StandingInstalment } from '../domain/recut.ts';
import type { Schedule } from '../domain/schedule.ts';
import { startOfDay } from '../domain/zone.ts';
import type { StoredInstalment, StoredLine } from '../instalments/instalment.entity.ts';

/** What has to be written so that a schedule is laid out anew. */
export interface RecutRows {
  /** Cut out: their ids. */
  readonly superseded: readonly string[];
  readonly added: readonly StoredInstalment[];
  readonly lines: readonly StoredLine[];
  /** The whole schedule afterwards, in the order of numbers. */
  readonly standing: readonly StandingInstalment[];
}

export interface StandingSchedule {
  readonly schedule: Schedule;
  readonly instalments: readonly (StandingInstalment & BillingDates)[];
}

/** When it is billed and charged. */
export type BillingDates = Pick<StoredInstalment, 'generateAt' | 'autopayOn'>;

/** How long before its due date an instalment is billed and charged, and in whose days. */
export interface LeadDays {
  readonly plan: Plan;
  readonly timeZone: string;
}

/**
 * Numbers go on after the last one that is billed. One that stays what it was keeps its row and its id: who holds that
 * id finds it again.
 */
export function buildRecut(
  { schedule, instalments: standing }: StandingSchedule,
  laid: readonly LaidInstalment[],
  leads: LeadDays,
): RecutRows {
  const fixed = standing.filter((each) => !isUnbilled(each));
  const unbilled = new Map(standing.filter(isUnbilled).map((each) => [each.number, each]));
  const first = fixed.reduce((last, { number }) => (number > last ? number : last), 0) + 1;
  const numbered = laid.map((each, index) => {
    const before = unbilled.get(first + index);
    const row = instalmentOf(schedule, each, first + index, leads);
    const isKept = before !== undefined && isSame(before, each) && isBilledAlike(before, row);
    return { laid: each, number: first + index, id: isKept ? before.id : row.id, isKept, row };
  });
  const kept = new Set(numbered.filter(({ isKept }) => isKept).map(({ id }) => id));
  const added = numbered.filter(({ isKept }) => !isKept);
  return {
    superseded: [...unbilled.values()].map(({ id }) => id).filter((id) => !kept.has(id)),
    added: added.map(({ row }) => row),
    lines: added.flatMap(({ laid: { lines }, id: instalmentId }) =>
      lines.map((line) => ({ tenantId: schedule.tenantId, instalmentId, ...line })),
    ),
    standing: [
      ...fixed,
      ...numbered.map(({ laid: each, number, id }) => ({ ...each, id, number, state: 'scheduled' as const })),
    ],
  };
}

function instalmentOf(
  { tenantId, id: scheduleId, policyLocator, currency }: Schedule,
  { source, dueOn, period, lines }: LaidInstalment,
  number: number,
  { timeZone, plan }: LeadDays,
): StoredInstalment {
  const isApart = source === 'endorsement' || source === 'reinstatement';
  const { generateLeadDays, autopayLeadDays } = isApart ? planFor(plan, source) : plan;
  const amountMinor = amountOf(lines);
  const dueAt = startOfDay(dueOn, timeZone);
  const generateAt = generateLeadDays === 0 ? dueAt : startOfDay(addDays(dueOn, -generateLeadDays), timeZone);
  const autopayOn = autopayLeadDays === 0 ? null : addDays(dueOn, -autopayLeadDays);
  const autopayAt = autopayOn === null ? null : startOfDay(autopayOn, timeZone);
  return {
    ...{
      tenantId,
      id: newId(),
      scheduleId,
      policyLocator,
      number,
      source,
      dueOn,
      originalDueOn: dueOn,
      dueAt,
      currency,
    },
    ...{ periodStart: period.start, periodEnd: period.end, generateAt, announcedAt: null, autopayOn, autopayAt },
    ...{ supersededBy: null, state: 'scheduled', version: 0 },
    ...{ amountMinor, allocatedMinor: 0n, writtenOffMinor: 0n, balanceMinor: amountMinor },
  };
}

function isSame(before: StandingInstalment, laid: LaidInstalment): boolean {
  const isPlace = before.source === laid.source && before.dueOn === laid.dueOn;
  const isPeriod = before.period.start === laid.period.start && before.period.end === laid.period.end;
  return isPlace && isPeriod && textOf(before.lines) === textOf(laid.lines);
}

/** By another plan it may fall due on the same date, and be billed on another one. */
function isBilledAlike(before: BillingDates, row: BillingDates): boolean {
  return before.generateAt.getTime() === row.generateAt.getTime() && before.autopayOn === row.autopayOn;
}

/** A line of nothing says nothing. */
function textOf(lines: readonly ChargeLine[]): string {
  return lines
    .filter(({ amountMinor }) => amountMinor !== 0n)
    .map(({ chargeId, amountMinor }) => `${chargeId} ${amountMinor}`)
    .toSorted()
    .join(' ');
}
