import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DomainError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import { planRequestOf } from '../domain/policy.ts';
import type { PolicyTerms, PricedTerms } from '../domain/policy.ts';
import { planSchedule } from '../domain/schedule.ts';
import type { PlannedSchedule } from '../domain/schedule.ts';
import { localDate } from '../domain/zone.ts';
import { PlansService } from '../plans/plans.service.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { Offer } from './schedule.view.ts';

export interface Asked {
  readonly tenantId: string;
  readonly terms: PolicyTerms;
}

/** Several tenants' time and plans, looked up together. */
export interface Planning {
  readonly nowOf: NowOf;
  /** When it is recorded, whatever a test clock says. */
  readonly recordedAt: Date;
  /** @throws DomainError `plan_not_eligible`, `invalid_policy` */
  readonly plan: (asked: Asked) => PlannedSchedule;
}

/** The one way from terms to a schedule: a preview and an issue of the same moment cannot differ. */
@Injectable()
export class PlanningService {
  constructor(
    private readonly plans: PlansService,
    private readonly time: TenantTime,
    private readonly clock: Clock,
  ) {}

  async of(tx: Tx, asked: readonly Asked[]): Promise<Planning> {
    const tenantIds = asked.map(({ tenantId }) => tenantId);
    const names = asked.map(({ tenantId, terms }) => ({ tenantId, name: terms.plan }));
    const [nowOf, planOf] = await Promise.all([this.time.of(tx, tenantIds), this.plans.of(tx, names)]);
    const plan = ({ tenantId, terms }: Asked) =>
      planned(terms, planOf({ tenantId, name: terms.plan }), nowOf(tenantId));
    return { nowOf, recordedAt: this.clock.now(), plan };
  }

  /** Every plan that fits the term and the charges, the tenant's own first. */
  async offers(tx: Tx, tenantId: string, terms: PricedTerms): Promise<Offer[]> {
    const [nowOf, plans] = await Promise.all([this.time.of(tx, [tenantId]), this.plans.newest(tx, tenantId)]);
    return plans.flatMap(({ plan }) => {
      try {
        return [{ plan, planned: planned(terms, plan, nowOf(tenantId)) }];
      } catch (error) {
        if (error instanceof DomainError && error.code === 'plan_not_eligible') return [];
        throw error;
      }
    });
  }
}

function planned(terms: PricedTerms, plan: Plan, now: Date): PlannedSchedule {
  return planSchedule(terms.charges, plan, planRequestOf(terms, localDate(now, terms.timeZone)));
}
