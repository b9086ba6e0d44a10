import type { Plan } from '../domain/plan.ts';
import type { PlannedSchedule, Schedule } from '../domain/schedule.ts';
import type { StoredInstalment } from '../instalments/instalment.entity.ts';
import type { AmountLine } from '../instalments/instalment.events.ts';

export interface ScheduleView {
  readonly schedule: Schedule;
  readonly instalments: readonly StoredInstalment[];
  readonly lines: ReadonlyMap<string, readonly AmountLine[]>;
  /** What past due is measured by: the tenant's now, the policy's zone. */
  readonly now: Date;
  readonly timeZone: string;
}

export interface Offer {
  readonly plan: Plan;
  readonly planned: PlannedSchedule;
}
