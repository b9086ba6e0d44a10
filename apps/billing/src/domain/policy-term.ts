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
}
