import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SweepTime } from '../instalments/sweep-scope.ts';
import { Turns } from '../instalments/turns.ts';
import { DueSubscriptionRepository } from './due-subscription.repository.ts';
import { PeriodSteps } from './period-steps.service.ts';
import { PeriodsService } from './periods.service.ts';
import { SubscriptionRepository } from './subscription.repository.ts';

/** No tenant takes more than half of a batch while another waits. */
const BATCH = { share: 100, limit: 200 };

/**
 * What a date brings to subscriptions: periods are billed, failed ones tried again, unpaid ones past due. One that
 * missed several periods has one of them billed in each batch, each with its own dates.
 */
@Injectable()
export class SubscriptionSweep {
  private readonly turns = { due: new Turns(), steps: new Turns() };

  constructor(
    private readonly due: DueSubscriptionRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: PeriodsService,
    private readonly steps: PeriodSteps,
  ) {}

  /** One batch. @returns how much there was to do */
  async run(tx: Tx, time: SweepTime): Promise<number> {
    const steps = await this.turns.steps.claim(time, BATCH, (scope) => this.due.claimSteps(tx, scope));
    if (steps.count > 0) await this.steps.take(tx, steps.keys, time.now);
    const due = await this.turns.due.claim(time, BATCH, (scope) => this.due.claim(tx, scope));
    await this.periods.bill(tx, await this.subscriptions.read(tx, due.keys), () => time.now);
    return steps.count + due.count;
  }

  isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return this.due.isAnyLeft(tx, now, tenantId);
  }
}
