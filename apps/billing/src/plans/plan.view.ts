import type { Plan } from '../domain/plan.ts';

export interface KnownPlan {
  readonly plan: Plan;
  /** Null for one that is built in. */
  readonly createdAt: Date | null;
}
