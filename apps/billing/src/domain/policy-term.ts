import type { CalendarDate } from './calendar.ts';

export const termStates = ['in_force', 'cancel_pending', 'cancelled', 'flat_cancelled', 'expired'] as const;
export type TermState = (typeof termStates)[number];

/** One stretch of cover of a policy, paid by one schedule. */
export interface PolicyTerm {
  readonly tenantId: string;
  readonly policyLocator: string;
  /** Counts the terms of one policy, from 1. */
  readonly number: number;
  readonly effectiveDate: CalendarDate;
  readonly expirationDate: CalendarDate;
  readonly plan: string;
  readonly planVersion: number;
  readonly state: TermState;
  /** The first date that is not covered any more. */
  readonly cancelledOn: CalendarDate | null;
  /** It was said that no other one follows. */
  readonly isLast?: boolean;
}

/**
 * What a term is on a date. Nothing happens to it when the date of its end has come, so that this is told by the dates
 * alone, whenever it was written down.
 */
export function termStateOn(
  { effectiveDate, expirationDate, cancelledOn }: Omit<PolicyTerm, 'state'>,
  today: CalendarDate,
): TermState {
  if (cancelledOn === null) return today < expirationDate ? 'in_force' : 'expired';
  if (cancelledOn <= effectiveDate) return 'flat_cancelled';
  return cancelledOn > today ? 'cancel_pending' : 'cancelled';
}

/** The last one that gives cover at all: what was taken back from its first day on is as if it had never been. */
export function lastCoverOf(terms: readonly PolicyTerm[]): PolicyTerm | undefined {
  return terms.findLast(({ state }) => state !== 'flat_cancelled');
}

export const policyStatuses = [
  'pending',
  'on_risk',
  'cancel_pending',
  'non_renew',
  'delinquent',
  'cancelled',
  'expired',
] as const;
export type PolicyStatus = (typeof policyStatuses)[number];

/**
 * What a policy is on a date, derived from its terms: several things may be true at once, as of one that is on risk and
 * will be cancelled.
 */
export function statusesOf(terms: readonly PolicyTerm[], today: CalendarDate): PolicyStatus[] {
  const isCovered = ({ effectiveDate, expirationDate, cancelledOn }: PolicyTerm) =>
    effectiveDate <= today && today < (cancelledOn ?? expirationDate);
  const current = terms.findLast(isCovered);
  const last = lastCoverOf(terms) ?? terms.at(-1);
  if (!last) return [];
  const nonRenew = last.isLast && last.cancelledOn === null ? (['non_renew'] as const) : [];
  if (current) return current.cancelledOn === null ? ['on_risk', ...nonRenew] : ['on_risk', 'cancel_pending'];
  if (last.cancelledOn !== null) return [last.cancelledOn > today ? 'cancel_pending' : 'cancelled'];
  return today < last.effectiveDate ? ['pending', ...nonRenew] : ['expired'];
}
