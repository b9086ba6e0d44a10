import type { CalendarDate, Period } from './calendar.ts';
import { isUnbilled, merged, withRows } from './recut.ts';
import type { ChargeLine, LaidInstalment, StandingInstalment } from './recut.ts';

/** Which of a schedule's instalments a change of plan lays out anew. */
export const planChangeScopes = ['all', 'planned', 'not_fully_paid'] as const;
export type PlanChangeScope = (typeof planChangeScopes)[number];

export interface PlanChange {
  /** Those whose invoices are taken back first, and what was paid on them is unapplied. */
  readonly undone: readonly StandingInstalment[];
  /** All that is laid out anew, together. */
  readonly pool: readonly ChargeLine[];
  /** For which the new plan counts its dates: from the end of what stays. */
  readonly period: Period;
}

/** What of a term is paid by another plan. What is billed, or paid, stays as far as the scope says. */
export function changePlan(standing: readonly StandingInstalment[], scope: PlanChangeScope, term: Period): PlanChange {
  const isUndone = ({ state }: StandingInstalment) =>
    state === 'billed' || state === 'partially_paid' || (scope === 'all' && state === 'paid');
  const undone = scope === 'planned' ? [] : standing.filter(isUndone);
  const moved = [...undone, ...standing.filter(isUnbilled)];
  const stays = standing.filter((each) => !moved.includes(each) && each.state !== 'cancelled');
  // What is billed apart is for the rest of the term, and says nothing of how far the plan has come.
  const start = stays
    .filter(({ source }) => source !== 'endorsement')
    .reduce((end, { period }) => (period.end > end ? period.end : end), term.start);
  return { undone, pool: merged(moved.flatMap(({ lines }) => lines)), period: { start, end: term.end } };
}

/** A pool of charges over the periods of a plan. */
export function layOut(
  pool: readonly ChargeLine[],
  periods: readonly { readonly dueOn: CalendarDate; readonly period: Period }[],
  amounts: readonly bigint[],
): LaidInstalment[] {
  const laid = periods.map(({ dueOn, period }): LaidInstalment => ({ source: 'plan', dueOn, period, lines: [] }));
  return withRows(laid, pool, amounts);
}
