import { addMonths } from './calendar.ts';
import type { CalendarDate, Period } from './calendar.ts';
import { DomainError } from './errors.ts';

/** It stands from the moment it is made, until the next one of the same period takes its place. */
export const statementStates = ['issued', 'superseded'] as const;
export type StatementState = (typeof statementStates)[number];

/** What a line is, and whether it makes the account owe more or less. */
export const lineSigns = {
  charge: 1n,
  fee: 1n,
  payment: -1n,
  credit: -1n,
  refund: 1n,
  returned_payment: 1n,
  return_premium: -1n,
} as const;
export type StatementLineKind = keyof typeof lineSigns;
export const statementLineKinds = Object.keys(lineSigns) as StatementLineKind[];

/** What a line tells of. */
export const lineSources = ['invoice', 'payment', 'write_off', 'shortfall'] as const;
export type StatementLineSource = (typeof lineSources)[number];

/** Always above zero: whether the account owes more by it or less is a matter of its kind. */
export interface StatementLine {
  readonly kind: StatementLineKind;
  readonly sourceType: StatementLineSource;
  readonly sourceId: string;
  readonly policyLocator: string | null;
  /** The business date, which may lie before the period: a fact that became known late is on the next statement. */
  readonly on: CalendarDate;
  readonly amountMinor: bigint;
}

/** What the books say of one source on one date, and how much of it the statements that stand have told. */
export interface StatementFact extends Omit<StatementLine, 'kind' | 'amountMinor'> {
  /** How much more the account owes by it; below zero: less. */
  readonly effectMinor: bigint;
  readonly statedMinor: bigint;
  /** What a line is called by which the account owes more, or less. */
  readonly more: StatementLineKind;
  readonly less: StatementLineKind;
}

export interface StatementFigures {
  readonly openingMinor: bigint;
  /** The sum of the lines of each kind. */
  readonly sums: Readonly<Record<StatementLineKind, bigint>>;
  readonly closingMinor: bigint;
}

/** What no statement has told yet, the oldest first: every fact is on exactly one, however late it became known. */
export function unstatedLines(facts: readonly StatementFact[]): StatementLine[] {
  return facts
    .flatMap(({ effectMinor, statedMinor, more, less, ...about }): StatementLine[] => {
      const change = effectMinor - statedMinor;
      if (change === 0n) return [];
      return [
        change > 0n ? { ...about, kind: more, amountMinor: change } : { ...about, kind: less, amountMinor: -change },
      ];
    })
    .sort((a, b) => (a.on === b.on ? 0 : a.on < b.on ? -1 : 1));
}

/** Opening, charges and fees less payments and credits, with refunds and returns of them, less return premium. */
export function figuresOf(openingMinor: bigint, lines: readonly StatementLine[]): StatementFigures {
  const sums = Object.fromEntries(statementLineKinds.map((kind) => [kind, 0n])) as Record<StatementLineKind, bigint>;
  for (const { kind, amountMinor } of lines) sums[kind] += amountMinor;
  const change = statementLineKinds.reduce((sum, kind) => sum + lineSigns[kind] * sums[kind], 0n);
  return { openingMinor, sums, closingMinor: openingMinor + change };
}

/**
 * Whether a statement of this period may be made now: it follows the last one, or is that period again.
 * @throws DomainError `statement_refused` with the field that is wrong
 */
export function checkPeriod(period: Period, last: Period | null, today: CalendarDate): 'next' | 'again' {
  if (period.end <= period.start) throw refused('/periodEnd', 'must be after the start of the period');
  if (period.end > today) throw refused('/periodEnd', `the period is not over: today is ${today}`);
  if (!last || period.start === last.end) return 'next';
  if (period.start === last.start && period.end === last.end) return 'again';
  throw refused('/periodStart', `the next period starts on ${last.end}`);
}

/** The month before that of a date. */
export function monthBefore(today: CalendarDate): Period {
  const end = `${today.slice(0, 8)}01`;
  return { start: addMonths(end, -1), end };
}

function refused(pointer: string, detail: string): DomainError {
  return new DomainError('statement_refused', 'There is no statement for this period.', {
    errors: [{ pointer, detail }],
  });
}

/** For people; the id stays the key. */
export function statementDisplayIdOf(number: bigint): string {
  return `S-${String(number).padStart(6, '0')}`;
}

export interface Statement extends StatementFigures {
  readonly tenantId: string;
  readonly id: string;
  readonly number: bigint;
  readonly policyholderLocator: string;
  readonly currency: string;
  readonly state: StatementState;
  readonly period: Period;
  readonly lines: readonly StatementLine[];
  /** The first date on which something that was open at the end of the period is due. */
  readonly dueOn: CalendarDate | null;
  readonly supersedesId: string | null;
  readonly version: number;
  readonly createdAt: Date;
}
