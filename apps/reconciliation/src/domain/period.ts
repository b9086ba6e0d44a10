import { DomainError } from './errors.ts';

export type PeriodState = 'open' | 'soft_closed' | 'closed';

/** The last months that are shut, as `2026-01`; every month before one is as shut as it. */
export interface Closings {
  readonly closedThrough: string | null;
  readonly softClosedThrough: string | null;
}

/** How a month was closed. */
export interface Period {
  readonly id: string;
  /** As `2026-01`. */
  readonly month: string;
  readonly state: PeriodState;
  readonly closedAt: Date;
  readonly closedBy: string;
  /** Of the tenant's tree when the month was closed; null until the worker has come so far. */
  readonly closingHash: Uint8Array | null;
  readonly closingSize: number | null;
}

/** A month, and how it was closed where it was. */
export interface MonthState {
  readonly month: string;
  readonly state: PeriodState;
  readonly period: Period | undefined;
}

export function stateOf(month: string, { closedThrough, softClosedThrough }: Closings): PeriodState {
  if (closedThrough !== null && month <= closedThrough) return 'closed';
  return softClosedThrough !== null && month <= softClosedThrough ? 'soft_closed' : 'open';
}

/**
 * Whether a month may be shut now. None is opened again: what comes late is booked in the first that is open.
 * @param today null where months of the future may be closed, as under a test clock
 * @throws DomainError `period_not_over`, `period_closed`
 */
export function closable(month: string, to: Exclude<PeriodState, 'open'>, now: Closings & { today: string | null }) {
  if (now.today !== null && month >= now.today.slice(0, 7)) {
    throw new DomainError('period_not_over', `${month} is not over: nothing more could be booked in it.`);
  }
  const state = stateOf(month, now);
  if (state === 'closed' || state === to) {
    throw new DomainError('period_closed', `${month} is ${state === 'closed' ? 'closed' : 'soft-closed'} already.`);
  }
}

export function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
