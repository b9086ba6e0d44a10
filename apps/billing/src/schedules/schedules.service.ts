import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DomainError } from '../domain/errors.ts';
import type { TenantKey } from '../domain/identity.ts';
import { builtInPlans, getPlan } from '../domain/plan.ts';
import { termOf } from '../domain/policy.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import { planSchedule } from '../domain/schedule.ts';
import type { PlannedSchedule, Schedule } from '../domain/schedule.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { ScheduleRepository } from './schedule.repository.ts';
import type { SchedulePage } from './schedule.repository.ts';
import type { Offer, ScheduleView } from './schedule.view.ts';

@Injectable()
export class SchedulesService {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly instalments: InstalmentRepository,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  /** @throws DomainError `plan_not_eligible` */
  preview(terms: PolicyTerms): PlannedSchedule {
    return planSchedule(terms.charges, getPlan(terms.plan), termOf(terms));
  }

  /** Every plan that fits the term and the charges. */
  offers(terms: Omit<PolicyTerms, 'plan'>): Offer[] {
    return builtInPlans.flatMap((plan) => {
      try {
        return [{ plan, planned: planSchedule(terms.charges, plan, termOf(terms)) }];
      } catch (error) {
        if (error instanceof DomainError && error.code === 'plan_not_eligible') return [];
        throw error;
      }
    });
  }

  page(tx: Tx, tenantId: string, page: SchedulePage): Promise<Schedule[]> {
    return this.schedules.page(tx, tenantId, page);
  }

  async find(tx: Tx, key: TenantKey): Promise<ScheduleView | null> {
    const schedule = await this.schedules.find(tx, key);
    if (!schedule) return null;
    const { tenantId, policyLocator } = schedule;
    const [instalments, lines, policy, nowOf] = await Promise.all([
      this.instalments.ofSchedule(tx, key),
      this.instalments.linesOfSchedule(tx, key),
      this.policies.find(tx, tenantId, policyLocator),
      this.time.of(tx, [tenantId]),
    ]);
    return { schedule, instalments, lines, now: nowOf(tenantId), timeZone: policy?.timeZone ?? 'UTC' };
  }
}
