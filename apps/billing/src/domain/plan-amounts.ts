import { MoneyError } from '@quittance/money/money-error';
import { firstAbsorbs, lastAbsorbs, lines, roundHalfUp, spreadFirst, weighted } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import type { Charge } from './charge.ts';
import { isSpread, totalOf } from './charge.ts';
import { amountIn, notEligible } from './plan.ts';
import type { DownPayment, Plan, RemainderPolicy } from './plan.ts';
import type { PlannedPeriod } from './plan-dates.ts';

/** A part of an instalment: how much of which charge. */
export interface PlannedLine {
  /** Index into the charges of the schedule. */
  readonly charge: number;
  readonly amountMinor: bigint;
}

export interface PlannedInstalment {
  readonly number: number;
  readonly source: 'plan';
  readonly dueOn: CalendarDate;
  /** Its invoice is issued on this date, or at once where that has passed. */
  readonly generateOn: CalendarDate;
  readonly autopayOn: CalendarDate;
  readonly period: Period;
  readonly amountMinor: bigint;
  readonly lines: readonly PlannedLine[];
}

type Stubs = readonly Pick<PlannedPeriod, 'stub'>[];

/** What the split has to know beside the sum. */
export interface SplitOf {
  readonly totalMinor: bigint;
  readonly currency: string;
  /** What is on the first instalment without being spread. */
  readonly wholeMinor: bigint;
  readonly periods: Stubs;
}

/**
 * The lines of the charges that are spread, a row for each instalment. Their sum is split first, then each instalment's
 * units go to its charges: a split of each charge on its own would bill 25.68 where the quote said 25.67. Odd units go
 * to the smaller charges first: the largest one, last, can carry any deviation unseen.
 * @throws DomainError `plan_not_eligible`
 */
export function spreadLines(
  charges: readonly Charge[],
  plan: Plan,
  { currency, periods }: Pick<SplitOf, 'currency' | 'periods'>,
): PlannedLine[][] {
  const spread = charges
    .map((charge, index) => ({ charge, index }))
    .filter(({ charge }) => isSpread(charge))
    .sort((a, b) => compare(abs(a.charge.amountMinor), abs(b.charge.amountMinor)) || a.index - b.index);
  if (spread.length === 0) return periods.map(() => []);
  const columns = spread.map(({ charge }) => charge.amountMinor);
  const totalMinor = totalOf(spread.map(({ charge }) => charge));
  const wholeMinor = totalOf(charges) - totalMinor;
  const rows =
    plan.amountBasis === 'per_period'
      ? periodAmounts(columns, periods)
      : lines(instalmentAmounts(plan, { totalMinor, currency, wholeMinor, periods }), columns);
  return rows.map((row) => row.map((amountMinor, column) => ({ charge: spread[column]!.index, amountMinor })));
}

const splits: Record<RemainderPolicy, (total: bigint, count: number) => bigint[]> = {
  spread_first: spreadFirst,
  last_absorbs: lastAbsorbs,
  first_absorbs: firstAbsorbs,
};

/**
 * The amount of each instalment, before charges that are not spread.
 * @throws DomainError `plan_not_eligible` when an instalment would have the other sign
 */
export function instalmentAmounts(plan: Plan, split: SplitOf): bigint[] {
  const { totalMinor, periods } = split;
  const count = periods.length;
  try {
    if (plan.prorateStubs) return weighted(totalMinor, daysAsWeights(periods), count);
    if (plan.downPayment === null || count === 1) return parts(plan, totalMinor, count);
    const down = downPayment(plan, plan.downPayment, split);
    return [down, ...parts(plan, totalMinor - down, count - 1)];
  } catch (error) {
    if (!(error instanceof MoneyError) || error.code !== 'sign_change') throw error;
    throw notEligible(plan, 'would end with an instalment of the other sign');
  }
}

function parts(plan: Plan, totalMinor: bigint, count: number): bigint[] {
  const { weights, remainderPolicy } = plan;
  if (weights.length > count) throw notEligible(plan, `has ${weights.length} weights for ${count} instalments`);
  return weights.length > 0 ? weighted(totalMinor, weights, count) : splits[remainderPolicy](totalMinor, count);
}

/** The part of the spread charges that is due at once. */
function downPayment(plan: Plan, down: DownPayment, { totalMinor, currency, wholeMinor, periods }: SplitOf): bigint {
  const fees = down.includesFees ? wholeMinor : 0n;
  const part = valueOf(plan, down, { base: totalMinor + fees, currency, count: periods.length }) - fees;
  if (part * totalMinor < 0n) return 0n;
  if (abs(part) > abs(totalMinor)) throw notEligible(plan, 'has a down payment of more than there is to pay');
  return part;
}

interface DownPaymentOf {
  readonly base: bigint;
  readonly currency: string;
  readonly count: number;
}

function valueOf(plan: Plan, down: DownPayment, { base, currency, count }: DownPaymentOf): bigint {
  switch (down.type) {
    case 'percent':
      return roundHalfUp(base * BigInt(down.basisPoints), 10_000n);
    case 'periods':
      return roundHalfUp(base * BigInt(down.periods), BigInt(down.periods + count - 1));
    case 'amount':
      return base < 0n ? -amountIn(plan, down.amounts, currency) : amountIn(plan, down.amounts, currency);
  }
}

/** Parts of periods as whole numbers: 12 of 31 days beside whole ones are 12 beside 31. */
function daysAsWeights(periods: Stubs): number[] {
  const unit = periods.reduce((all, { stub }) => (stub ? leastCommonMultiple(all, stub.of) : all), 1);
  return periods.map(({ stub }) => (stub ? (unit / stub.of) * stub.days : unit));
}

/**
 * An amount for each charge that is spread, a row for each period: the sum of the amounts is what a period costs, and
 * one that is cut short costs its days of that, rounded once.
 */
function periodAmounts(charges: readonly bigint[], periods: Stubs): bigint[][] {
  const whole = charges.reduce((total, charge) => total + charge, 0n);
  return periods.map(({ stub }) => {
    if (!stub) return [...charges];
    const cut = (amount: bigint) => roundHalfUp(amount * BigInt(stub.days), BigInt(stub.of));
    const haveOneSign = whole !== 0n && charges.every((charge) => charge * whole >= 0n);
    if (!haveOneSign) return charges.map(cut);
    return weighted(
      cut(whole),
      charges.map((charge) => Number(abs(charge))),
      charges.length,
    );
  });
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
