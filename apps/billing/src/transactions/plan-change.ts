import { toWire } from '@quittance/money/wire';
import { changePlan, layOut } from '../domain/change-plan.ts';
import type { PlanChange } from '../domain/change-plan.ts';
import { DomainError } from '../domain/errors.ts';
import { instalmentFee } from '../domain/charge.ts';
import { amountIn } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import { instalmentAmounts } from '../domain/plan-amounts.ts';
import { planPeriods } from '../domain/plan-dates.ts';
import { checkEligible, keptDueDay } from '../domain/plan-eligibility.ts';
import { isUnbilled } from '../domain/recut.ts';
import type { LaidInstalment } from '../domain/recut.ts';
import type { PlanChangeRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { newCharge, unchanged } from './change.ts';
import type { Change } from './change.ts';
import { feesIn, instalmentFeesOf } from './instalment-fees.ts';
import { periodOf } from './term-book.ts';
import type { TermBook } from './term-book.ts';

/**
 * The rest of a term is paid by another plan. There is no second down payment, and fees that the old plan had for its
 * instalments go with these.
 * @throws DomainError `plan_not_eligible`, `policy_not_in_force`
 */
export function payByPlan(
  book: TermBook,
  { scope }: PlanChangeRequest,
  transaction: PolicyTransaction,
  plan: Plan,
): Change {
  const { term, policy, schedule, instalments } = book;
  if (term.state !== 'in_force') throw new DomainError('policy_not_in_force', `The term is ${term.state}.`);
  const change = changePlan(instalments, scope, periodOf(term));
  const fees = instalmentFeesOf(book);
  const pool = change.pool.filter(({ chargeId }) => !fees.has(chargeId));
  const laid = laidOut(book, plan, { ...change, pool });
  const fee = feeOf(book, plan, { laid, transaction, isFromStart: change.period.start === term.effectiveDate });
  const undone = instalments.filter((each) => change.undone.includes(each));
  const moved = undone.length + instalments.filter(isUnbilled).length;
  return {
    ...unchanged(book, transaction),
    charges: fee.charges,
    laid: fee.laid,
    undone,
    voided: feesIn(change.pool, fees),
    term: { ...term, plan: plan.name, planVersion: plan.version },
    plan,
    facts: [
      {
        type: 'plan.changed',
        data: {
          policyLocator: policy.locator,
          scheduleId: schedule.id,
          transactionId: transaction.id,
          from: term.plan,
          to: plan.name,
          scope,
          movedInstalments: moved,
          undistributed: toWire({ minor: 0n, currency: policy.currency }),
        },
      },
    ],
  };
}

function laidOut({ term, policy }: TermBook, plan: Plan, { pool, period }: PlanChange): LaidInstalment[] {
  const { currency, jurisdiction } = policy;
  const dueDay = keptDueDay(plan, policy.dueDay);
  checkEligible(plan, { term: periodOf(term), currency, jurisdiction, dueDay });
  if (pool.length === 0) return [];
  const rest: Plan = { ...plan, count: null, weights: [], downPayment: null, amountBasis: 'total' };
  const periods = planPeriods(rest, { term: period, currency, dueDay });
  const split = { currency, wholeMinor: 0n, periods };
  return layOut(pool, periods, (totalMinor) => instalmentAmounts(rest, { ...split, totalMinor }));
}

interface FeesOf {
  readonly laid: readonly LaidInstalment[];
  readonly transaction: PolicyTransaction;
  /** Whether nothing of the term stays as it was: then the first instalment is the first of the term, and has none. */
  readonly isFromStart: boolean;
}

/** What the new plan asks for its instalments, as one charge with a line in each. */
function feeOf({ term, policy }: TermBook, plan: Plan, { laid, transaction, isFromStart }: FeesOf) {
  const feeMinor = plan.instalmentFee === null ? 0n : amountIn(plan, plan.instalmentFee, policy.currency);
  const hasFee = (index: number) => index > 0 || !isFromStart;
  const count = laid.filter((_, index) => hasFee(index)).length;
  if (feeMinor === 0n || count === 0) return { charges: [], laid };
  const about = { coverage: periodOf(term), position: 1 };
  const charge = newCharge(instalmentFee(feeMinor * BigInt(count)), transaction, policy.currency, about);
  const line = { chargeId: charge.id, amountMinor: feeMinor };
  const withFee = laid.map((each, index) => (hasFee(index) ? { ...each, lines: [...each.lines, line] } : each));
  return { charges: [charge], laid: withFee };
}
