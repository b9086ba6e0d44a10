import { dateOf, monthsAfter } from './days.ts';
import type { Day } from './days.ts';
import { Fraction } from './fraction.ts';
import { daysAhead, failuresOf, firstDay, lastDay, plans } from './scenario.ts';
import type { Change, PlannedCharge, Scenario } from './scenario.ts';
import { reducedEvenly, reducedFromLast, shares, sum } from './shares.ts';

interface Segment extends PlannedCharge {
  readonly from: Day;
}

interface Debt {
  readonly type: string;
  dueOn: Day;
  readonly from: Day;
  readonly until: Day;
  amount: bigint;
  paid: bigint;
  state: 'scheduled' | 'billed' | 'settled';
  attempt: number;
  askAgainOn: Day | null;
  firstAskedOn: Day;
}

/** What the books must say of a policy at the end of the year. */
export interface Expected {
  /** In the order of their numbers. */
  readonly instalments: readonly string[];
  readonly invoices: readonly string[];
  readonly unapplied: bigint;
  readonly paidThrough: string | null;
}

const retryAfterDays = [0, 1, 3];

/**
 * A year of one policy, worked out by itself: exact fractions, its own dates, and none of the service's code. It
 * follows the contract that a person would read out of a quote, not the way in which the service is made.
 */
export class PolicyYear {
  private debts: Debt[];
  private readonly segments: Segment[];
  private readonly memos: { amount: bigint; on: Day }[] = [];
  private unapplied = 0n;

  constructor(private readonly scenario: Scenario) {
    const { charges, start } = scenario;
    this.segments = charges.map((charge) => ({ ...charge, from: start }));
    this.debts = this.planned();
  }

  play(): Expected {
    const { zone, change } = this.scenario;
    for (let day = firstDay; day <= lastDay; day++) {
      const today = day + daysAhead[zone];
      this.bill(today);
      this.collect(today);
      if (change?.on !== day) continue;
      this.apply(change, today);
      this.collect(today);
    }
    return this.result();
  }

  private planned(): Debt[] {
    const { plan, start, end, charges } = this.scenario;
    const { months, count, down } = plans[plan];
    const days = Array.from({ length: count }, (_, n) => monthsAfter(start, n * months)).filter((day) => day < end);
    const whole = sum(charges.filter(({ handling }) => handling !== 'proratable').map(({ minor }) => minor));
    const total = sum(charges.filter(({ handling }) => handling === 'proratable').map(({ minor }) => minor));
    const first = down ? Fraction.of(total).over(Fraction.of(5)).round() : 0n;
    const amounts = down ? [first, ...shares(total - first, days.length - 1)] : shares(total, days.length);
    return days.map((dueOn, n) =>
      debt('instalment', { dueOn, from: dueOn, until: days[n + 1] ?? end }, amounts[n]! + (n === 0 ? whole : 0n)),
    );
  }

  private bill(today: Day): void {
    for (const each of this.debts) {
      if (each.state !== 'scheduled' || each.dueOn > today) continue;
      each.state = each.amount === 0n ? 'settled' : 'billed';
      each.askAgainOn = each.amount === 0n ? null : today;
      each.firstAskedOn = today;
    }
  }

  /** What is to be charged today is charged, and succeeds or is to be tried again. */
  private collect(today: Day): void {
    for (const each of this.debts) {
      if (each.state !== 'billed' || each.askAgainOn === null || each.askAgainOn > today) continue;
      each.attempt += 1;
      if (each.attempt > failuresOf(this.scenario.index, dateOf(each.dueOn))) {
        pay(each, each.amount - each.paid);
      } else {
        each.askAgainOn = Math.max(each.firstAskedOn + retryAfterDays[each.attempt]!, today + 1);
      }
    }
  }

  private apply(change: Change, today: Day): void {
    const credit = change.kind === 'cancellation' ? this.cancel(change, today) : this.endorse(change, today);
    this.bill(today);
    if (credit === 0n) return;
    this.memos.push({ amount: credit, on: today });
    let left = credit;
    for (const each of this.debts.filter(({ state }) => state === 'billed').sort((a, b) => a.dueOn - b.dueOn)) {
      const owed = each.amount - each.paid;
      const part = owed < left ? owed : left;
      if (part > 0n) pay(each, part);
      left -= part;
    }
    this.unapplied += left;
  }

  private endorse({ effective, charges, isAnnual }: Extract<Change, { kind: 'endorsement' }>, today: Day): bigint {
    const { start, end } = this.scenario;
    const rest = Fraction.of(end - effective, end - start);
    const own = charges.map((charge) => ({
      ...charge,
      from: effective,
      minor: isAnnual ? Fraction.of(charge.minor).times(rest).round() : charge.minor,
    }));
    this.segments.push(...own);
    const [fixed, open] = this.parted();
    if (charges[0]!.minor < 0n) {
      const { left, credit } = reducedEvenly(
        open.map(({ amount }) => amount),
        -sum(own.map(({ minor }) => minor)),
      );
      open.forEach((each, n) => (each.amount = left[n]!));
      return credit;
    }
    const spread = own.filter(({ handling }) => handling === 'proratable');
    const gone = Fraction.of(Math.max(0, Math.min(today, end) - effective), end - effective);
    const elapsed = sum(spread.map(({ minor }) => Fraction.of(minor).times(gone).round()));
    const ahead = sum(spread.map(({ minor }) => minor)) - elapsed;
    const whole = sum(own.map(({ minor }) => minor)) - elapsed - ahead;
    const now = open.length > 0 ? elapsed : elapsed + ahead + whole;
    const apart = now > 0n ? [debt('endorsement', { dueOn: today, from: effective, until: end }, now)] : [];
    if (open.length > 0) {
      const parts = shares(ahead, open.length);
      open.forEach((each, n) => (each.amount += parts[n]! + (n === 0 ? whole : 0n)));
    }
    this.debts = [...fixed, ...apart, ...open];
    return 0n;
  }

  private cancel({ effective, method }: Extract<Change, { kind: 'cancellation' }>, today: Day): bigint {
    const returned = this.segments.map((segment) => this.returned(segment, method, effective));
    const back = sum(returned.filter((minor) => minor > 0n));
    const owedAgain = -sum(returned.filter((minor) => minor < 0n));
    const [fixed, open] = this.parted();
    const before = open.map(({ amount }) => amount);
    const { left, credit } = reducedFromLast([...before, owedAgain], back);
    const firstMoved = open.findIndex(({ dueOn }, n) => dueOn >= effective || left[n] !== before[n]);
    const stay = firstMoved === -1 ? open : open.slice(0, firstMoved);
    const moved = open.slice(stay.length);
    this.debts = [...fixed, ...stay];
    if (moved.length === 0 && owedAgain === 0n) return credit;
    const begins = [...moved.map(({ from }) => from), ...(owedAgain > 0n ? [effective] : [])];
    const from = Math.min(...begins);
    const until = effective > from ? effective : from + 1;
    this.debts.push(debt('final', { dueOn: Math.max(effective, today), from, until }, sum(left.slice(stay.length))));
    return credit;
  }

  private returned({ minor, handling, from }: Segment, method: string, on: Day): bigint {
    const { start, end } = this.scenario;
    if (method === 'flat') return minor;
    if (handling === 'fully_earned') return 0n;
    if (handling === 'flat') return on <= from ? minor : 0n;
    if (on <= from && from > start) return minor;
    const inForce = Fraction.of(Math.min(Math.max(on - from, 0), end - from), end - from);
    if (method === 'pro_rata') return minor - Fraction.of(minor).times(inForce).round();
    const unearned = Fraction.of(minor).times(Fraction.of(1).minus(inForce));
    return unearned.times(Fraction.of(9, 10)).round();
  }

  /** What is billed, and what may still be laid out anew. */
  private parted(): [fixed: Debt[], open: Debt[]] {
    return [
      this.debts.filter(({ state }) => state !== 'scheduled'),
      this.debts.filter(({ state }) => state === 'scheduled'),
    ];
  }

  private result(): Expected {
    const billed = this.debts.filter(({ state, amount }) => state !== 'scheduled' && amount > 0n);
    let through: Day | null = null;
    for (const { state, until } of this.debts) {
      if (state !== 'settled') break;
      through = Math.max(through ?? until, until);
    }
    return {
      instalments: this.debts.map(
        (each) => `${dateOf(each.dueOn)} ${each.amount} ${each.amount - each.paid} ${dateOf(each.until)}`,
      ),
      invoices: [
        ...billed.map(({ type, amount, paid, dueOn }) => `${type} ${dateOf(dueOn)} ${amount} ${amount - paid}`),
        ...this.memos.map(({ amount, on }) => `credit_memo ${dateOf(on)} ${-amount} 0`),
      ].sort(),
      unapplied: this.unapplied,
      paidThrough: through === null ? null : dateOf(through),
    };
  }
}

function debt(type: string, { dueOn, from, until }: Pick<Debt, 'dueOn' | 'from' | 'until'>, amount: bigint): Debt {
  const nothing = { paid: 0n, attempt: 0, askAgainOn: null, firstAskedOn: 0 };
  return { type, dueOn, from, until, amount, state: 'scheduled', ...nothing };
}

function pay(each: Debt, part: bigint): void {
  each.paid += part;
  if (each.paid === each.amount) each.state = 'settled';
}
