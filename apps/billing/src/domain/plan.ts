import { MoneyError } from '@quittance/money/money-error';
import { firstAbsorbs, lastAbsorbs, roundHalfUp, spreadFirst } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import { addMonths } from './calendar.ts';
import { DomainError } from './errors.ts';

/** Who carries the odd cents of an uneven split. */
export type RemainderPolicy = 'spread_first' | 'last_absorbs' | 'first_absorbs';

export interface Plan {
  readonly name: string;
  readonly label: string;
  /** Months from one due date to the next. */
  readonly everyMonths: number;
  /** How many instalments; null: as many due dates as the term holds. */
  readonly instalments: number | null;
  /** Part of the spread charges that the first instalment takes, in percent; null: the same as the others. */
  readonly downPercent: number | null;
  /** The longest term the plan is for; null: any. */
  readonly termMonthsMax: number | null;
  readonly remainder: RemainderPolicy;
}

const spread = { remainder: 'spread_first', downPercent: null } as const;

export const builtInPlans: readonly Plan[] = [
  { ...spread, name: 'full-pay', label: 'Full pay', everyMonths: 12, instalments: 1, termMonthsMax: null },
  { ...spread, name: '1year-monthly', label: '1Year-Monthly', everyMonths: 1, instalments: null, termMonthsMax: 12 },
  {
    ...spread,
    name: '1year-quarterly',
    label: '1Year-Quarterly',
    everyMonths: 3,
    instalments: null,
    termMonthsMax: 12,
  },
  {
    ...spread,
    name: '20-down-9-monthly',
    label: '20 % down, 9 monthly',
    everyMonths: 1,
    instalments: 10,
    downPercent: 20,
    termMonthsMax: 12,
  },
];

export function findPlan(name: string): Plan | null {
  return builtInPlans.find((plan) => plan.name === name) ?? null;
}

/** @throws DomainError `invalid_policy` when there is no such plan */
export function getPlan(name: string): Plan {
  const plan = findPlan(name);
  if (plan) return plan;
  throw new DomainError('invalid_policy', 'The plan is not known.', {
    errors: [{ pointer: '/plan', detail: 'unknown plan' }],
  });
}

/**
 * The due dates of a plan within a term, each from the anchor day of the term's start.
 * @throws DomainError `plan_not_eligible` when the term is too long for the plan, or too short for its instalments
 */
export function dueDates(plan: Plan, term: Period): CalendarDate[] {
  if (plan.termMonthsMax !== null && term.end > addMonths(term.start, plan.termMonthsMax)) {
    throw notEligible(plan, `is for terms of at most ${plan.termMonthsMax} months`);
  }
  const dates: CalendarDate[] = [];
  for (let i = 0; i < (plan.instalments ?? Infinity); i++) {
    const date = addMonths(term.start, i * plan.everyMonths);
    if (date >= term.end) break;
    dates.push(date);
  }
  if (plan.instalments !== null && dates.length < plan.instalments) {
    throw notEligible(plan, `needs a term that holds ${plan.instalments} due dates`);
  }
  return dates;
}

const splits: Record<RemainderPolicy, (total: bigint, count: number) => bigint[]> = {
  spread_first: spreadFirst,
  last_absorbs: lastAbsorbs,
  first_absorbs: firstAbsorbs,
};

/**
 * The amount of each instalment, before charges that are not spread.
 * @throws DomainError `plan_not_eligible` when the last instalment would have the other sign
 */
export function instalmentAmounts(plan: Plan, total: bigint, count: number): bigint[] {
  const split = splits[plan.remainder];
  try {
    if (plan.downPercent === null || count === 1) return split(total, count);
    const down = roundHalfUp(total * BigInt(plan.downPercent), 100n);
    return [down, ...split(total - down, count - 1)];
  } catch (error) {
    if (!(error instanceof MoneyError) || error.code !== 'sign_change') throw error;
    throw notEligible(plan, 'would end with an instalment of the other sign');
  }
}

export function notEligible(plan: Plan, why: string): DomainError {
  const detail = `The plan '${plan.name}' ${why}.`;
  return new DomainError('plan_not_eligible', detail, { errors: [{ pointer: '/plan', detail }] });
}
