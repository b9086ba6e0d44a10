import { newId } from '@quittance/service-kit/id';
import type { Policy } from '../domain/policy.ts';
import type { PlannedInstalment } from '../domain/plan-amounts.ts';
import { moveSchedule } from '../domain/schedule.ts';
import type { PlannedSchedule, Schedule } from '../domain/schedule.ts';
import { startOfDay } from '../domain/zone.ts';
import type { StoredInstalment, StoredLine } from '../instalments/instalment.entity.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';

export interface NewSchedule {
  readonly schedule: Schedule;
  readonly instalments: readonly StoredInstalment[];
  readonly lines: readonly StoredLine[];
}

export interface ScheduleParts {
  readonly policy: Policy;
  readonly transaction: PolicyTransaction;
  /** In the order in which the plan counts them. */
  readonly charges: readonly StoredCharge[];
}

/** A plan's outcome as rows: ids are given, dates become instants of the policy's zone. */
export function buildSchedule(planned: PlannedSchedule, { policy, transaction, charges }: ScheduleParts): NewSchedule {
  const { tenantId, currency } = policy;
  const schedule: Schedule = {
    tenantId,
    id: newId(),
    policyLocator: policy.locator,
    transactionId: transaction.id,
    termNumber: transaction.termNumber,
    plan: policy.plan,
    planVersion: planned.planVersion,
    state: moveSchedule('draft', 'activate'),
    currency,
    totalMinor: planned.totalMinor,
    paidThrough: null,
    supersedesId: null,
    // It was laid out, and goes into effect with that.
    version: 2,
    createdAt: transaction.createdAt,
  };
  const instalments = planned.instalments.map((each): StoredInstalment => ({
    tenantId,
    id: newId(),
    scheduleId: schedule.id,
    policyLocator: policy.locator,
    number: each.number,
    source: each.source,
    dueOn: each.dueOn,
    originalDueOn: each.dueOn,
    dueAt: startOfDay(each.dueOn, policy.timeZone),
    generateAt: startOfDay(each.generateOn, policy.timeZone),
    announcedAt: null,
    ...autopay(each, policy.timeZone),
    supersededBy: null,
    periodStart: each.period.start,
    periodEnd: each.period.end,
    currency,
    amountMinor: each.amountMinor,
    allocatedMinor: 0n,
    writtenOffMinor: 0n,
    balanceMinor: each.amountMinor,
    state: 'scheduled',
    version: 0,
  }));
  const lines = planned.instalments.flatMap((each, index) =>
    each.lines.map(({ charge, amountMinor }) => ({
      tenantId,
      instalmentId: instalments[index]!.id,
      chargeId: charges[charge]!.id,
      amountMinor,
    })),
  );
  return { schedule, instalments, lines };
}

function autopay({ dueOn, autopayOn }: PlannedInstalment, timeZone: string) {
  if (autopayOn === dueOn) return { autopayOn: null, autopayAt: null };
  return { autopayOn, autopayAt: startOfDay(autopayOn, timeZone) };
}
