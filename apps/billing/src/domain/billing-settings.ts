import { defaultAllocationPlan } from './allocation-plan.ts';
import type { AllocationPlan } from './allocation-plan.ts';
import { defaultExcessPlan } from './excess.ts';
import type { ExcessPlan } from './excess.ts';
import type { Tolerances } from './tolerance.ts';

export const statementCycles = ['off', 'monthly'] as const;
export type StatementCycle = (typeof statementCycles)[number];

/** What a tenant decides about its billing. Nothing is ever the default that moves money by itself. */
export interface BillingSettings {
  readonly allocation: AllocationPlan;
  readonly tolerances: Tolerances;
  readonly excess: ExcessPlan;
  readonly statementCycle: StatementCycle;
  /** After how many days money in suspense is called old; null: never. */
  readonly suspenseAgedAfterDays: number | null;
  /** How many days before its due date an instalment is told of; null or 0: never. */
  readonly upcomingInvoiceDays: number | null;
}

export const defaultSettings: BillingSettings = {
  allocation: defaultAllocationPlan,
  tolerances: new Map(),
  excess: defaultExcessPlan,
  statementCycle: 'off',
  suspenseAgedAfterDays: null,
  upcomingInvoiceDays: null,
};
