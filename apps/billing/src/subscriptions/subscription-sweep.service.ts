import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { DueSubscriptionRepository } from './due-subscription.repository.ts';
import { PeriodSteps } from './period-steps.service.ts';
import { PeriodsService } from './periods.service.ts';
import { SubscriptionRepository } from './subscription.repository.ts';

/**
 * What a date brings to subscriptions: periods are billed, failed ones tried again, unpaid ones past due. One that
 * missed several periods has one of them billed in each batch, each with its own dates.
 */
@Injectable()
export class SubscriptionSweep {
  constructor(
    private readonly due: DueSubscriptionRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: PeriodsService,
    private readonly steps: PeriodSteps,
  ) {}

  /** One batch. @returns how much there was to do */
  async run(tx: Tx, scope: SweepScope): Promise<number> {
    const steps = await this.due.claimSteps(tx, scope);
    if (steps.length > 0) await this.steps.take(tx, steps, scope.now);
    const due = await this.due.claim(tx, scope);
    await this.periods.bill(tx, await this.subscriptions.read(tx, due), () => scope.now);
    return steps.length + due.length;
  }

  isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return this.due.isAnyLeft(tx, now, tenantId);
  }
}
