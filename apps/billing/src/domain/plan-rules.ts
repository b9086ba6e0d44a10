import type { FieldProblem } from './errors.ts';
import { DomainError } from './errors.ts';
import { monthsOf, planFor } from './plan.ts';
import type { Plan, PlannedTransaction } from './plan.ts';
import { INSTALMENTS_MAX } from './plan-dates.ts';

/** One field that contradicts another: where, and why. */
type Rule = (plan: Plan) => FieldProblem | null;

const rule =
  (pointer: string, isBroken: (plan: Plan) => boolean, detail: string): Rule =>
  (plan) =>
    isBroken(plan) ? { pointer, detail } : null;

const isFullPay = ({ cadence }: Plan) => cadence.type === 'full_pay';
const isCustom = ({ cadence }: Plan) => cadence.type === 'custom';
const countsMonths = ({ cadence }: Plan) => Object.hasOwn(monthsOf, cadence.type);
const hasPeriods = (plan: Plan) => countsMonths(plan) || plan.cadence.type === 'every_n_weeks';
/** Where a period has a price of its own, nothing else may say what an instalment comes to. */
const hasPricedPeriods = ({ prorateStubs, amountBasis }: Plan) => prorateStubs || amountBasis === 'per_period';
const isMonthAnchor = ({ anchor }: Plan) => anchor.mode === 'day_of_month' || anchor.mode === 'due_day_choice';

const priced = 'must be absent where stubs are prorated or amounts are per period';
const alone = 'must be absent: full pay has one instalment';

const rules: readonly Rule[] = [
  rule('/anchor/mode', (plan) => isMonthAnchor(plan) && !countsMonths(plan), 'needs a cadence that counts months'),
  rule(
    '/anchor/mode',
    (plan) => plan.anchor.mode === 'weekday' && plan.cadence.type !== 'every_n_weeks',
    'needs the cadence every_n_weeks',
  ),
  rule('/cadence/offsets', (plan) => !isAscending(plan), 'must be ascending'),
  rule('/prorateStubs', (plan) => plan.prorateStubs && !hasPeriods(plan), 'needs a cadence with periods'),
  rule(
    '/amountBasis',
    (plan) => plan.amountBasis === 'per_period' && !hasPeriods(plan),
    'per_period needs a cadence with periods',
  ),
  rule('/count', (plan) => plan.count !== null && isFullPay(plan), alone),
  rule('/count', (plan) => plan.count !== null && isCustom(plan), 'must be absent: the offsets say how many there are'),
  rule('/count', (plan) => plan.count !== null && hasPricedPeriods(plan), priced),
  rule('/weights', (plan) => plan.weights.length > 0 && isFullPay(plan), alone),
  rule('/weights', (plan) => plan.weights.length > 0 && hasPricedPeriods(plan), priced),
  rule('/weights', (plan) => plan.weights.length > splitCount(plan), 'must not be more than there are instalments'),
  rule('/downPayment', (plan) => plan.downPayment !== null && isFullPay(plan), alone),
  rule('/downPayment', (plan) => plan.downPayment !== null && hasPricedPeriods(plan), priced),
  rule('/downPayment', (plan) => plan.downPayment !== null && plan.count === 1, 'needs a second instalment'),
  rule('/instalmentFee', (plan) => plan.instalmentFee !== null && isFullPay(plan), alone),
  rule(
    '/instalmentFee',
    (plan) => plan.instalmentFee !== null && plan.exemptCreditOnly,
    'must be absent: credit with a fee is not exempt',
  ),
  rule(
    '/remainderPolicy',
    (plan) => plan.remainderPolicy !== 'spread_first' && (plan.weights.length > 0 || hasPricedPeriods(plan)),
    'must be spread_first where weights or days share the odd cents out',
  ),
  rule('/blackoutDaysBeforeExpiry', (plan) => plan.blackoutDaysBeforeExpiry > 0 && hasPricedPeriods(plan), priced),
  rule(
    '/autopayLeadDays',
    ({ autopayLeadDays, generateLeadDays }) => autopayLeadDays > generateLeadDays,
    'must not be more than generateLeadDays: nothing is charged before its invoice',
  ),
];

function isAscending({ cadence }: Plan): boolean {
  if (cadence.type !== 'custom') return true;
  const { offsets } = cadence;
  return offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]!);
}

/** How many instalments the weights may be of, as far as the plan alone can tell. */
function splitCount({ cadence, count, downPayment }: Plan): number {
  const all = cadence.type === 'custom' ? cadence.offsets.length : (count ?? INSTALMENTS_MAX);
  return downPayment ? all - 1 : all;
}

/** Everything in a plan that contradicts itself, what an override makes of it included. */
export function planProblems(plan: Plan): FieldProblem[] {
  const own = problemsOf(plan);
  const known = new Set(own.map(({ pointer, detail }) => `${pointer} ${detail}`));
  const overridden = (['issue', 'renewal'] as const).flatMap((base) => {
    const term = planFor(plan, base);
    return [
      ...under(base, problemsOf(term)),
      ...(['endorsement', 'reinstatement'] as const)
        .filter((transaction) => plan.overrides[transaction])
        .flatMap((transaction) => under(transaction, problemsOf(planFor(term, transaction)))),
    ];
  });
  const isNews = ({ pointer, detail }: FieldProblem) => {
    const bare = pointer.replace(/^\/overrides\/\w+/, '');
    return !known.has(`${bare} ${detail}`);
  };
  return [...own, ...distinct(overridden.filter(isNews))];
}

function under(transaction: PlannedTransaction, problems: readonly FieldProblem[]): FieldProblem[] {
  return problems.map(({ pointer, detail }) => ({ pointer: `/overrides/${transaction}${pointer}`, detail }));
}

/** The same may be wrong in a term that was issued and in one that was renewed. */
function distinct(problems: readonly FieldProblem[]): FieldProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.pointer} ${problem.detail}`, problem])).values()];
}

/** @throws DomainError `invalid_plan` that names every field that contradicts another */
export function checkPlan(plan: Plan): void {
  const errors = planProblems(plan);
  if (errors.length > 0) throw new DomainError('invalid_plan', 'The plan contradicts itself.', { errors });
}

function problemsOf(plan: Plan): FieldProblem[] {
  return rules.flatMap((broken) => broken(plan) ?? []);
}
