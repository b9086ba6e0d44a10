import type { CalendarDate } from '../domain/calendar.ts';
import type { DelinquencyState } from '../domain/delinquency.ts';
import type { Charge } from '../domain/charge.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import type { Policy } from '../domain/policy.ts';

/** A policy with what was charged for it and the schedule that collects it. */
export interface IssuedPolicy {
  readonly policy: Policy;
  readonly charges: readonly Charge[];
  readonly scheduleId: string | null;
  readonly terms: readonly PolicyTerm[];
  /** Of what is done about what is past due of it; a new one has nothing. */
  readonly delinquencies?: readonly DelinquencyState[];
  /** Policy-local, by which its status is told. */
  readonly today: CalendarDate;
}
