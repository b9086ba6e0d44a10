import type { Charge } from '../domain/charge.ts';
import type { Policy } from '../domain/policy.ts';

/** A policy with what was charged for it and the schedule that collects it. */
export interface IssuedPolicy {
  readonly policy: Policy;
  readonly charges: readonly Charge[];
  readonly scheduleId: string | null;
}
