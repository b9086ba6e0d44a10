import type { CalendarDate, Period } from '../domain/calendar.ts';
import type { Statement, StatementLine, StatementState } from '../domain/statement.ts';

export type StatementHead = Omit<Statement, 'lines'>;

export interface StatementPage {
  readonly policyholderLocator: string | null;
  readonly policyLocator: string | null;
  readonly state: StatementState | null;
  readonly before: string | null;
  readonly limit: number;
}

export interface StatementView {
  readonly statement: StatementHead;
  readonly lines: readonly StatementLine[];
  /** What of it is open now. */
  readonly invoices: readonly {
    readonly locator: string;
    readonly number: bigint;
    readonly dueOn: CalendarDate;
    readonly balanceMinor: bigint;
  }[];
}

/** A statement that somebody asks for. */
export interface NewStatement {
  readonly policyholderLocator: string;
  /** Null: the only one that the policyholder has. */
  readonly currency: string | null;
  readonly period: Period;
}
