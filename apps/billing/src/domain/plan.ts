import type { CalendarDate, Period } from './calendar.ts';
import { DomainError } from './errors.ts';
import type { EndorsementPolicy, ReturnPolicy } from './recut.ts';

/** Months from one due date to the next. */
export const monthsOf = { annual: 12, semiannual: 6, quarterly: 3, monthly: 1 } as const;
export const cadenceTypes = [
  'full_pay',
  'annual',
  'semiannual',
  'quarterly',
  'monthly',
  'every_n_weeks',
  'custom',
] as const;

export type Cadence =
  | { readonly type: 'full_pay' | keyof typeof monthsOf }
  | { readonly type: 'every_n_weeks'; readonly weeks: number }
  | { readonly type: 'custom'; readonly unit: OffsetUnit; readonly offsets: readonly number[] };

/** What the offsets of a custom cadence count, always from the start of the term. */
export const offsetUnits = ['days', 'months'] as const;
export type OffsetUnit = (typeof offsetUnits)[number];

export const anchorModes = ['term_start', 'day_of_month', 'weekday', 'due_day_choice'] as const;
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** Where the due dates hang. `due_day_choice`: on a day of the month that the policyholder chooses; null: any. */
export type Anchor =
  | { readonly mode: 'term_start' }
  | { readonly mode: 'day_of_month'; readonly day: number }
  | { readonly mode: 'weekday'; readonly weekday: Weekday }
  | { readonly mode: 'due_day_choice'; readonly days: readonly number[] | null };

/** An amount for each currency that the plan is for, in minor units. */
export type AmountByCurrency = Readonly<Record<string, bigint>>;

export const downPaymentTypes = ['percent', 'amount', 'periods'] as const;

/**
 * What the first instalment takes before the rest is split. Where it includes the fees, its value is of everything that
 * is on the first instalment, and what the fees leave of it is premium and tax.
 */
export type DownPayment = (
  | { readonly type: 'percent'; readonly basisPoints: number }
  | { readonly type: 'amount'; readonly amounts: AmountByCurrency }
  | { readonly type: 'periods'; readonly periods: number }
) & { readonly includesFees: boolean };

/** Who carries the odd cents of an uneven split. */
export const remainderPolicies = ['spread_first', 'last_absorbs', 'first_absorbs'] as const;
export type RemainderPolicy = (typeof remainderPolicies)[number];

/**
 * total       the charges are for the whole term and are split over the instalments
 * per_period  a charge that is spread is for one period: every instalment takes it whole
 */
export const amountBases = ['total', 'per_period'] as const;
export type AmountBasis = (typeof amountBases)[number];

export const plannedTransactions = ['issue', 'renewal', 'endorsement', 'reinstatement'] as const;
export type PlannedTransaction = (typeof plannedTransactions)[number];

/**
 * What may be otherwise for one type of transaction, such as no down payment at a renewal. What an endorsement or a
 * reinstatement bills apart is of a schedule that stands: only how early that is billed and charged may be otherwise.
 */
export interface PlanSettings {
  /** How many instalments, a down payment among them; null: as many due dates as the term holds. */
  readonly count: number | null;
  /** Relative sizes, of the instalments after a down payment where there is one; what is missing is 1. */
  readonly weights: readonly number[];
  readonly downPayment: DownPayment | null;
  /** Added to every instalment but the first. */
  readonly instalmentFee: AmountByCurrency | null;
  readonly generateLeadDays: number;
  readonly dueLeadDays: number;
  readonly autopayLeadDays: number;
  /** Nothing is due in the last days of the term, so that who does not pay can be told before it ends. */
  readonly blackoutDaysBeforeExpiry: number;
}

export type LeadSettings = Pick<PlanSettings, 'generateLeadDays' | 'autopayLeadDays'>;

/** How a term is paid for. A version never changes: a change is a new one, and a schedule names the one it is of. */
export interface Plan extends PlanSettings {
  readonly name: string;
  readonly label: string;
  readonly version: number;
  readonly cadence: Cadence;
  readonly amountBasis: AmountBasis;
  readonly anchor: Anchor;
  /** A period that the term cuts short is an instalment of its own, smaller by its days. */
  readonly prorateStubs: boolean;
  readonly remainderPolicy: RemainderPolicy;
  readonly minInstalment: AmountByCurrency | null;
  readonly overrides: Partial<Record<'issue' | 'renewal', Partial<PlanSettings>>> &
    Partial<Record<'endorsement' | 'reinstatement', Partial<LeadSettings>>>;
  readonly endorsementPolicy: EndorsementPolicy;
  readonly returnPolicy: ReturnPolicy;
  /** Where it may be used, such as `US-NY`, or `US` for every part of it; none: everywhere. */
  readonly jurisdictions: readonly string[];
  /** The longest term the plan is for; null: any. */
  readonly termMonthsMax: number | null;
  /** Refuses a schedule that would be regulated consumer credit: `exempt-credit.ts`. */
  readonly exemptCreditOnly: boolean;
}

/** What is to be paid by a plan. */
export interface PlanRequest {
  readonly term: Period;
  readonly currency: string;
  readonly jurisdiction?: string | null;
  /** `issue` where nobody says. */
  readonly transaction?: PlannedTransaction;
  /** The day of the month that the policyholder chose. */
  readonly dueDay?: number | null;
  /** The policy-local date on which it was agreed; the start of the term where nobody says. */
  readonly agreedOn?: CalendarDate;
}

const defaults = {
  version: 1,
  count: null,
  weights: [],
  downPayment: null,
  instalmentFee: null,
  generateLeadDays: 0,
  dueLeadDays: 0,
  autopayLeadDays: 0,
  blackoutDaysBeforeExpiry: 0,
  amountBasis: 'total',
  anchor: { mode: 'term_start' },
  prorateStubs: false,
  remainderPolicy: 'spread_first',
  minInstalment: null,
  overrides: {},
  endorsementPolicy: 'spread',
  returnPolicy: 'reduce_spread',
  jurisdictions: [],
  termMonthsMax: null,
  exemptCreditOnly: false,
} as const;

/** A plan of which only what is special is said. */
export function planOf(special: Pick<Plan, 'name' | 'label' | 'cadence'> & Partial<Plan>): Plan {
  return { ...defaults, ...special };
}

export const builtInPlans: readonly Plan[] = [
  planOf({ name: 'full-pay', label: 'Full pay', cadence: { type: 'full_pay' } }),
  planOf({ name: '1year-monthly', label: '1Year-Monthly', cadence: { type: 'monthly' }, termMonthsMax: 12 }),
  planOf({ name: '1year-quarterly', label: '1Year-Quarterly', cadence: { type: 'quarterly' }, termMonthsMax: 12 }),
  planOf({
    name: '20-down-9-monthly',
    label: '20 % down, 9 monthly',
    cadence: { type: 'monthly' },
    count: 10,
    downPayment: { type: 'percent', basisPoints: 2000, includesFees: false },
    termMonthsMax: 12,
  }),
  planOf({ name: '1year-semiannual', label: '1Year-Semiannual', cadence: { type: 'semiannual' }, termMonthsMax: 12 }),
  planOf({
    name: '1year-weekly',
    label: '1Year-Weekly',
    cadence: { type: 'every_n_weeks', weeks: 1 },
    // 52 weeks are a day or two short of a year, and nobody pays an instalment for these.
    blackoutDaysBeforeExpiry: 7,
    termMonthsMax: 12,
  }),
];

/** Lower-case words and numbers with hyphens between, at most 64 characters. */
export function isPlanName(text: string): boolean {
  return text.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
}

export function findPlan(name: string): Plan | null {
  return builtInPlans.find((plan) => plan.name === name) ?? null;
}

/** @throws DomainError `invalid_policy` when none of the built-in plans is called so */
export function getPlan(name: string): Plan {
  const plan = findPlan(name);
  if (plan) return plan;
  throw unknownPlan();
}

export function unknownPlan(): DomainError {
  return new DomainError('invalid_policy', 'The plan is not known.', {
    errors: [{ pointer: '/plan', detail: 'must be the name of a plan of GET /plans' }],
  });
}

/** The plan as it is for one type of transaction. */
export function planFor(plan: Plan, transaction: PlannedTransaction): Plan {
  return { ...plan, ...plan.overrides[transaction] };
}

/** As a term is paid by it: the first one of a policy was issued, every other one is a renewal. */
export function planOfTerm(plan: Plan, termNumber: number): Plan {
  return planFor(plan, termNumber === 1 ? 'issue' : 'renewal');
}

/** @throws DomainError `plan_not_eligible` where the plan says nothing about the currency */
export function amountIn(plan: Plan, amounts: AmountByCurrency, currency: string): bigint {
  const amount = Object.hasOwn(amounts, currency) ? amounts[currency] : undefined;
  if (amount === undefined) throw notEligible(plan, `has no amounts in ${currency}`);
  return amount;
}

export function notEligible({ name }: Pick<Plan, 'name'>, why: string, pointer = '/plan'): DomainError {
  const detail = `The plan '${name}' ${why}.`;
  return new DomainError('plan_not_eligible', detail, { errors: [{ pointer, detail }] });
}
