import type { Plan } from '../domain/plan.ts';
import type { PlannedSchedule, Schedule } from '../domain/schedule.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Instalment } from '../domain/instalment.ts';
import type { AmountLine } from '../instalments/instalment.events.ts';

export interface ShownInstalment extends Instalment {
  readonly generateAt: Date;
  /** Null: on its due date. */
  readonly autopayOn: CalendarDate | null;
}

/** One of a schedule's history: null where nothing has taken its place, or no transaction did. */
export interface PastInstalment extends ShownInstalment {
  readonly supersededBy: string | null;
}

export interface InstalmentsView extends Omit<ScheduleView, 'schedule'> {
  readonly instalments: readonly PastInstalment[];
}

export interface ScheduleView {
  readonly schedule: Schedule;
  readonly instalments: readonly ShownInstalment[];
  readonly lines: ReadonlyMap<string, readonly AmountLine[]>;
  /** What past due is measured by: the tenant's now, the policy's zone. */
  readonly now: Date;
  readonly timeZone: string;
}

export interface Offer {
  readonly plan: Plan;
  readonly planned: PlannedSchedule;
}
