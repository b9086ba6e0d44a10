import { toWire } from '@quittance/money/wire';
import { changePlan, layOut } from '../domain/change-plan.ts';
import { DomainError } from '../domain/errors.ts';
import { dueDates, instalmentAmounts, notEligible } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import { isUnbilled, merged } from '../domain/recut.ts';
import type { ChargeLine } from '../domain/recut.ts';
import type { PlanChangeRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { unchanged } from './change.ts';
import type { Change } from './change.ts';
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
  const fees = new Set(book.charges.filter(({ code }) => code === 'instalment_fee').map(({ id }) => id));
  const pool = change.pool.filter(({ chargeId }) => !fees.has(chargeId));
  const rest = { ...plan, instalments: null, downPercent: null };
  const dates = dueDates(rest, change.period);
  if (dates.length === 0) throw notEligible(plan, 'has no due date in what is left to be billed of the term');
  const laid = layOut({ ...change, pool }, dates, (total, count) => instalmentAmounts(rest, total, count));
  const undone = instalments.filter((each) => change.undone.includes(each));
  const moved = undone.length + instalments.filter(isUnbilled).length;
  return {
    ...unchanged(book, transaction),
    laid,
    undone,
    voided: feesIn(change.pool, fees),
    term: { ...term, plan: plan.name },
    plan: { name: plan.name, version: 1 },
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

function feesIn(pool: readonly ChargeLine[], fees: ReadonlySet<string>): ChargeLine[] {
  return merged(pool.filter(({ chargeId }) => fees.has(chargeId)));
}
