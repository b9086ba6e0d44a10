import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DomainError } from '../domain/errors.ts';
import { builtInPlans, findPlan, planOf, unknownPlan } from '../domain/plan.ts';
import type { Plan } from '../domain/plan.ts';
import { checkPlan } from '../domain/plan-rules.ts';
import { readConfig, writeConfig } from './plan-config.ts';
import type { PlanConfig } from './plan-config.ts';
import { PlanRepository } from './plan.repository.ts';
import type { PlanName, StoredPlan } from './plan.repository.ts';
import type { KnownPlan } from './plan.view.ts';

/** A preview without a plan counts every one of them out. */
const PLANS_MAX = 100;

/** @throws DomainError `invalid_policy` where there is no such plan */
export type PlanOf = (wanted: PlanName) => Plan;

const builtIn: readonly KnownPlan[] = builtInPlans.map((plan) => ({ plan, createdAt: null }));

@Injectable()
export class PlansService {
  constructor(
    private readonly plans: PlanRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * The next version of the plan of that name, or the first. What was issued by an older one stays as it is.
   * @throws DomainError `invalid_plan`, `too_many_plans`
   */
  async create(tx: Tx, { tenantId, name }: PlanName, config: PlanConfig): Promise<KnownPlan> {
    const plan = planOf({ name, ...readConfig(config) });
    checkPlan(plan);
    const names = await this.plans.lockNames(tx, tenantId);
    if (!names.has(name) && names.size >= PLANS_MAX) {
      throw new DomainError('too_many_plans', `A tenant has at most ${PLANS_MAX} plans of its own.`);
    }
    const createdAt = this.clock.now();
    return known(await this.plans.insert(tx, { tenantId, name, config: writeConfig(plan), createdAt }));
  }

  /** Every plan in its newest version: the tenant's own, the newest first, then those that are built in. */
  async newest(tx: Tx, tenantId: string): Promise<KnownPlan[]> {
    const own = await this.plans.newest(tx, tenantId);
    const newestFirst = own.toSorted((a, b) => +b.createdAt - +a.createdAt || (a.name < b.name ? -1 : 1));
    return [...newestFirst.map(known), ...builtIn];
  }

  /** A version of a plan, by default the newest. */
  async find(tx: Tx, wanted: PlanName, version: number | null): Promise<KnownPlan | null> {
    const found = builtIn.find(({ plan }) => plan.name === wanted.name);
    if (found) return version === null || version === found.plan.version ? found : null;
    const stored =
      version === null ? (await this.plans.named(tx, [wanted]))[0] : await this.plans.version(tx, wanted, version);
    return stored ? known(stored) : null;
  }

  /** The newest versions of the plans that are wanted, each looked up once. */
  async of(tx: Tx, wanted: readonly PlanName[]): Promise<PlanOf> {
    const own = new Map(wanted.filter(({ name }) => !findPlan(name)).map((each) => [keyOf(each), each]));
    const stored = await this.plans.named(tx, [...own.values()]);
    const plans = new Map(stored.map((each) => [keyOf(each), known(each).plan]));
    return (each) => {
      const plan = findPlan(each.name) ?? plans.get(keyOf(each));
      if (!plan) throw unknownPlan();
      return plan;
    };
  }
}

function keyOf({ tenantId, name }: PlanName): string {
  return `${tenantId}/${name}`;
}

function known({ name, version, config, createdAt }: StoredPlan): KnownPlan {
  return { plan: planOf({ name, version, ...readConfig(config) }), createdAt };
}
