import { maxMinor } from '@quittance/money/money';
import { addMonths } from './calendar.ts';
import { isExemptCredit } from './exempt-credit.ts';
import { amountIn, notEligible } from './plan.ts';
import type { Plan, PlanRequest } from './plan.ts';
import type { PlannedPeriod } from './plan-dates.ts';
import type { PlannedInstalment } from './plan-amounts.ts';

/**
 * What a plan asks of a policy before any amount is known.
 * @throws DomainError `plan_not_eligible`
 */
export function checkEligible(plan: Plan, { term, jurisdiction = null, dueDay = null }: PlanRequest): void {
  const { termMonthsMax, jurisdictions, anchor } = plan;
  if (termMonthsMax !== null && term.end > addMonths(term.start, termMonthsMax)) {
    throw notEligible(plan, `is for terms of at most ${termMonthsMax} months`);
  }
  if (jurisdictions.length > 0 && !jurisdictions.some((each) => isWithin(jurisdiction, each))) {
    throw notEligible(plan, `is for ${jurisdictions.join(', ')} only`);
  }
  if (dueDay === null || hasDueDay(plan, dueDay)) return;
  if (anchor.mode !== 'due_day_choice') throw notEligible(plan, 'has no choice of a due day', '/dueDay');
  throw notEligible(plan, `is due on day ${anchor.days?.join(' or ')} of the month`, '/dueDay');
}

/** Whether the plan leaves the choice of this day of the month. */
function hasDueDay({ anchor }: Plan, dueDay: number): boolean {
  return anchor.mode === 'due_day_choice' && (anchor.days === null || anchor.days.includes(dueDay));
}

/** The day that was chosen before, where another plan still has it. */
export function keptDueDay(plan: Plan, dueDay: number | null | undefined): number | null {
  return typeof dueDay === 'number' && hasDueDay(plan, dueDay) ? dueDay : null;
}

function isWithin(jurisdiction: string | null, area: string): boolean {
  return jurisdiction === area || jurisdiction?.startsWith(`${area}-`) === true;
}

export interface AmountsOf {
  readonly periods: readonly Pick<PlannedPeriod, 'stub'>[];
  readonly feeMinor: bigint;
  readonly currency: string;
}

/**
 * @throws DomainError `plan_not_eligible` for an instalment that is nothing, of the other sign, or less than the plan
 * allows; a period that is cut short may be that small
 */
export function checkAmounts(
  plan: Plan,
  instalments: readonly PlannedInstalment[],
  { periods, feeMinor, currency }: AmountsOf,
): void {
  const total = instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (abs(total) > maxMinor) throw notEligible(plan, 'would come to more than can be billed');
  // The fee makes no small instalment worth its while.
  const amounts = instalments.map(({ amountMinor }, index) => amountMinor - (index === 0 ? 0n : feeMinor));
  // Nothing to pay can be neither collected nor paid: the prefix of paid instalments would end there for ever.
  if (amounts.some((amount) => amount * total <= 0n)) {
    const count = instalments.length;
    throw notEligible(plan, `would have an instalment of nothing: the charges are too small for ${count} of them`);
  }
  if (plan.minInstalment === null) return;
  const least = amountIn(plan, plan.minInstalment, currency);
  if (amounts.some((amount, index) => !periods[index]?.stub && abs(amount) < least)) {
    throw notEligible(plan, 'would have an instalment of less than it allows');
  }
}

/** @throws DomainError `plan_not_eligible` where the plan may not be regulated credit, and would be */
export function checkCredit(plan: Plan, instalments: readonly PlannedInstalment[], request: PlanRequest): void {
  if (!plan.exemptCreditOnly) return;
  const { agreedOn = request.term.start } = request;
  const credit = { agreedOn, dueOn: instalments.map(({ dueOn }) => dueOn), isFree: plan.instalmentFee === null };
  if (!isExemptCredit(credit)) throw notEligible(plan, 'would be regulated consumer credit for these dates');
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}
