import type { BillingMethod } from './policy.ts';
import { isInScope, mostParticular } from './delinquency-rule.ts';
import type { Circumstance, Scope } from './delinquency-rule.ts';
import type { FieldProblem } from './errors.ts';
import { alignedWith } from './retry.ts';

/** One delinquency for everything that a policy owes, or one for each invoice. */
export const delinquencyLevels = ['policy', 'invoice'] as const;
export type DelinquencyLevel = (typeof delinquencyLevels)[number];

/** Of a policy on which nothing was ever paid: cancelled from its first day, or followed as any other. */
export const notTakenRules = ['flat_cancel', 'follow'] as const;
export type NotTakenRule = (typeof notTakenRules)[number];

/** Of a policy that a producer bills: a person asks the producer, or it is followed as any other. */
export const agencyRules = ['refer', 'follow'] as const;
export type AgencyRule = (typeof agencyRules)[number];

/** What a tenant does about what is past due. Without a plan it does nothing. Dated, and never edited. */
export interface DelinquencyPlan extends Scope {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly level: DelinquencyLevel;
  readonly graceDays: number;
  /** In place of days: grace of whole months from the first unpaid period, as US health cover with a tax credit has. */
  readonly graceMonths: number | null;
  /** With `graceMonths`: cover ends with that month of grace, when grace ends unpaid. */
  readonly coveredMonths: number | null;
  readonly reminderDays: readonly number[];
  /** Days after the due date on which the notice is to be mailed. */
  readonly noticeAfterDays: number;
  readonly retryDays: readonly number[];
  /** So little short is as good as paid, inclusive. */
  readonly toleranceMinor: bigint;
  readonly notTaken: NotTakenRule;
  readonly agency: AgencyRule;
  /** Whether another invoice that becomes past due makes a new notice necessary. */
  readonly renoticesOnJoin: boolean;
  /** For so long after a lapse a payment may bring the policy back. */
  readonly reinstatementDays: number;
}

export interface PlanQuestion extends Circumstance {
  readonly currency: string;
  readonly billingMethod: BillingMethod;
}

export function delinquencyPlanFor(plans: readonly DelinquencyPlan[], question: PlanQuestion): DelinquencyPlan | null {
  return mostParticular(plans.filter((plan) => plan.currency === question.currency && isInScope(plan, question)));
}

/** The days after the due date on which a step is taken against the policyholder. */
export function escalationDays({ reminderDays, noticeAfterDays }: EscalationTerms): readonly number[] {
  return [...reminderDays.filter((day) => day < noticeAfterDays), noticeAfterDays];
}

type EscalationTerms = Pick<DelinquencyPlan, 'reminderDays' | 'noticeAfterDays'>;

/** What is wrong with a plan beyond its single fields. */
export function faultsOf(
  plan: EscalationTerms & Pick<DelinquencyPlan, 'retryDays' | 'graceMonths' | 'coveredMonths'>,
): FieldProblem[] {
  const { retryDays, reminderDays, noticeAfterDays, graceMonths, coveredMonths } = plan;
  const faults: FieldProblem[] = [];
  const say = (pointer: string, detail: string) => faults.push({ pointer, detail });
  if (!isAscending([0, ...retryDays]))
    say('/retryDays', 'must be days after the first attempt, each later than the one before');
  if (!isAscending([0, ...reminderDays]))
    say('/reminderDays', 'must be days after the due date, each later than the one before');
  const aligned = new Set(alignedWith(retryDays, escalationDays({ reminderDays, noticeAfterDays })));
  if (retryDays.some((day) => !aligned.has(day))) {
    say('/retryDays', 'must leave a day before each reminder and before the notice');
  }
  if ((graceMonths === null) !== (coveredMonths === null)) say('/coveredMonths', 'goes together with graceMonths');
  else if (graceMonths !== null && coveredMonths! > graceMonths) say('/coveredMonths', 'must be within graceMonths');
  return faults;
}

function isAscending(days: readonly number[]): boolean {
  return days.every((day, index) => index === 0 || day > days[index - 1]!);
}
