import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DomainError } from '../domain/errors.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Plan } from '../domain/plan.ts';
import { planRequestOf } from '../domain/policy.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import { planSchedule } from '../domain/schedule.ts';
import type { PlannedSchedule, Schedule } from '../domain/schedule.ts';
import { localDate } from '../domain/zone.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { PlansService } from '../plans/plans.service.ts';
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
    private readonly plans: PlansService,
    private readonly time: TenantTime,
  ) {}

  /**
   * The schedule that an issue would make now.
   * @throws DomainError `plan_not_eligible`, `invalid_policy`
   */
  async preview(tx: Tx, tenantId: string, terms: PolicyTerms): Promise<PlannedSchedule> {
    const name = terms.plan;
    const [plan, planned] = await Promise.all([
      this.plans.of(tx, [{ tenantId, name }]),
      this.planner(tx, tenantId, terms),
    ]);
    return planned(plan({ tenantId, name }));
  }

  /** Every plan that fits the term and the charges, the tenant's own first. */
  async offers(tx: Tx, tenantId: string, terms: Omit<PolicyTerms, 'plan'>): Promise<Offer[]> {
    const [plans, planned] = await Promise.all([this.plans.newest(tx, tenantId), this.planner(tx, tenantId, terms)]);
    return plans.flatMap(({ plan }) => {
      try {
        return [{ plan, planned: planned(plan) }];
      } catch (error) {
        if (error instanceof DomainError && error.code === 'plan_not_eligible') return [];
        throw error;
      }
    });
  }

  private async planner(tx: Tx, tenantId: string, terms: Omit<PolicyTerms, 'plan'>) {
    const nowOf = await this.time.of(tx, [tenantId]);
    const request = planRequestOf(terms, localDate(nowOf(tenantId), terms.timeZone));
    return (plan: Plan) => planSchedule(terms.charges, plan, request);
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
