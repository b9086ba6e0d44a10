import { maxMinor } from '@quittance/money/money';
import { toWire } from '@quittance/money/wire';
import { changePlan, layOut } from '../domain/change-plan.ts';
import { DomainError } from '../domain/errors.ts';
import { instalmentFee } from '../domain/charge.ts';
import type { Period } from '../domain/calendar.ts';
import { amountIn, notEligible } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import { instalmentAmounts } from '../domain/plan-amounts.ts';
import { planPeriods } from '../domain/plan-dates.ts';
import { checkEligible, keptDueDay } from '../domain/plan-eligibility.ts';
import { termStateOn } from '../domain/policy-term.ts';
import { amountOf, isUnbilled, merged, takeOff, withLines } from '../domain/recut.ts';
import type { ChargeLine } from '../domain/recut.ts';
import type { PlanChangeRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { newCharge, unchanged } from './change.ts';
import type { Change } from './change.ts';
import { lastCancellationOf, periodOf } from './term-book.ts';
import type { TermBook } from './term-book.ts';

/**
 * The rest of a term is paid by another plan. There is no second down payment, and fees that the old plan had for its
 * instalments go with these.
 * @throws DomainError `plan_not_eligible`, `policy_not_in_force`, `invalid_transaction`
 */
export function payByPlan(
  book: TermBook,
  { scope }: PlanChangeRequest,
  transaction: PolicyTransaction,
  plan: Plan,
): Change {
  const { term, policy, schedule, instalments } = book;
  if (term.state !== 'in_force')
    throw new DomainError('policy_not_in_force', `The term is ${termStateOn(term, book.today)}.`);
  const change = changePlan(instalments, scope, periodOf(term));
  if (change.undone.length > 0 && lastCancellationOf(book)) throw creditedBefore(scope);
  const fees = new Set(book.charges.filter(({ code }) => code === 'instalment_fee').map(({ id }) => id));
  const pool = change.pool.filter(({ chargeId }) => !fees.has(chargeId));
  if (change.period.start >= change.period.end) throw notEligible(plan, 'has no due date in what is left of the term');
  const rest = { ...plan, count: null, weights: [], downPayment: null };
  const { currency, jurisdiction } = policy;
  const dueDay = keptDueDay(plan, policy.dueDay);
  checkEligible(plan, { term: periodOf(term), currency, jurisdiction, dueDay });
  const periods = planPeriods(rest, { term: change.period, currency, dueDay });
  const { spread, given } = withoutDebt(pool);
  const split = { totalMinor: amountOf(spread), currency, wholeMinor: 0n, periods };
  const { laid, credited } = takeOff(layOut(spread, periods, instalmentAmounts(rest, split)), given, 'reduce_spread');
  const fee = feeOf(plan, transaction, {
    ...{ currency, count: laid.length - 1, coverage: change.period, totalMinor: schedule.totalMinor },
  });
  const undone = instalments.filter((each) => change.undone.includes(each));
  const moved = undone.length + instalments.filter(isUnbilled).length;
  return {
    ...unchanged(book, transaction),
    charges: fee ? [fee.charge] : [],
    laid: fee ? laid.map((each, index) => (index === 0 ? each : withLines(each, [fee.line]))) : laid,
    credited,
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

/** A cancellation credits what was billed before it, fees included: undone as well, it would come back twice. */
function creditedBefore(scope: PlanChangeRequest['scope']): DomainError {
  return new DomainError('invalid_transaction', 'The term was cancelled once: what was billed before is credited.', {
    errors: [{ pointer: '/scope', detail: `must be planned, not ${scope}: what is billed stays` }],
  });
}

/**
 * Without its fees less may be left than was given back before: then all of it is taken off, and the rest is a credit.
 */
function withoutDebt(pool: readonly ChargeLine[]) {
  if (amountOf(pool) >= 0n) return { spread: pool, given: [] };
  const isGiven = ({ amountMinor }: ChargeLine) => amountMinor < 0n;
  return { spread: pool.filter((line) => !isGiven(line)), given: pool.filter(isGiven) };
}

interface FeeAbout {
  readonly currency: string;
  readonly count: number;
  readonly coverage: Period;
  /** Of the schedule without it. */
  readonly totalMinor: bigint;
}

/** The new plan's own fee, on each instalment but the first: one charge, as at issue. */
function feeOf(plan: Plan, transaction: PolicyTransaction, { currency, count, coverage, totalMinor }: FeeAbout) {
  const each = plan.instalmentFee === null ? 0n : amountIn(plan, plan.instalmentFee, currency);
  if (each === 0n || count < 1) return null;
  if (totalMinor + each * BigInt(count) > maxMinor) throw notEligible(plan, 'would come to more than can be billed');
  const charge = newCharge(instalmentFee(each * BigInt(count)), transaction, currency, { coverage, position: 1 });
  return { charge, line: { chargeId: charge.id, amountMinor: each } };
}

function feesIn(pool: readonly ChargeLine[], fees: ReadonlySet<string>): ChargeLine[] {
  return merged(pool.filter(({ chargeId }) => fees.has(chargeId)));
}
