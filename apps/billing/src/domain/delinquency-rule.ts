import { daysBetween } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import type { NoticeTerms } from './notice.ts';

/**
 * past_due   an invoice was not paid by its due date
 * not_taken  nothing was ever paid: the policy was not taken
 * nsf        a payment that had paid it came back
 */
export const delinquencyReasons = ['past_due', 'not_taken', 'nsf'] as const;
export type DelinquencyReason = (typeof delinquencyReasons)[number];

export const noticeRecipients = ['insured', 'producer', 'lienholder', 'mortgagee', 'financer'] as const;
export type NoticeRecipient = (typeof noticeRecipients)[number];

export const proofTypes = ['none', 'certificate_of_mailing', 'certified_mail', 'electronic_receipt'] as const;
export type ProofType = (typeof proofTypes)[number];

/** To whom a dated row applies: what it leaves out, it applies to all of. */
export interface Scope {
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly effectiveFrom: CalendarDate;
  /** Half-open, null while nothing has taken its place. */
  readonly effectiveTo: CalendarDate | null;
}

/** For which reason, and how old a policy, a row is. */
export interface Tenured<Reason> {
  /** null: for every reason. */
  readonly reason: Reason | null;
  /** Days since the policy began, both inclusive: the first 60 days of a policy often have a rule of their own. */
  readonly tenureFromDays: number;
  readonly tenureToDays: number | null;
}

/**
 * What the law of a jurisdiction asks before cover may end for non-payment. A row is data, dated, and never edited: who
 * reviewed it is part of it, and every notice names the row that it was counted by.
 */
export interface DelinquencyRule extends NoticeTerms, Scope, Tenured<DelinquencyReason> {
  readonly id: string;
  readonly recipients: readonly NoticeRecipient[];
  readonly proofType: ProofType;
  readonly citation: string;
  /** Who has read the law: a row without a name is never in force. */
  readonly reviewedBy: string | null;
  /** Shipped as an example, off: not legal advice. */
  readonly isExample: boolean;
}

export interface Circumstance {
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly on: CalendarDate;
}

export interface TenuredQuestion<Reason> extends Circumstance {
  readonly reason: Reason;
  readonly policySince: CalendarDate;
}

export type RuleQuestion = TenuredQuestion<DelinquencyReason>;

export function isInScope(scope: Scope, { jurisdiction, line, on }: Circumstance): boolean {
  return (
    (scope.jurisdiction === null || scope.jurisdiction === jurisdiction) &&
    (scope.line === null || scope.line === line) &&
    scope.effectiveFrom <= on &&
    (scope.effectiveTo === null || on < scope.effectiveTo)
  );
}

/** Of rows that apply the most particular one, and of equals the one that came into force last. */
export function mostParticular<T extends Scope>(rows: readonly T[]): T | null {
  return rows.reduce<T | null>((best, row) => (best === null || compare(row, best) >= 0 ? row : best), null);
}

export function ruleInForce(rules: readonly DelinquencyRule[], question: RuleQuestion): DelinquencyRule | null {
  return fitting(
    rules.filter(({ isExample, reviewedBy }) => !isExample && reviewedBy !== null),
    question,
  );
}

/** Of dated rows the one that counts: one for the reason goes before one for all. */
export function fitting<R, T extends Scope & Tenured<R>>(rules: readonly T[], question: TenuredQuestion<R>): T | null {
  const tenure = Math.max(0, daysBetween(question.policySince, question.on));
  const applying = rules
    .filter((rule) => isInScope(rule, question))
    .filter(({ reason }) => reason === null || reason === question.reason)
    .filter(({ tenureFromDays: from, tenureToDays: to }) => tenure >= from && (to === null || tenure <= to));
  const forReason = applying.filter(({ reason }) => reason !== null);
  return mostParticular(forReason) ?? mostParticular(applying);
}

function compare(one: Scope, other: Scope): number {
  const particular = (scope: Scope) => (scope.jurisdiction === null ? 0 : 2) + (scope.line === null ? 0 : 1);
  const difference = particular(one) - particular(other);
  if (difference !== 0) return difference;
  return one.effectiveFrom < other.effectiveFrom ? -1 : 1;
}
