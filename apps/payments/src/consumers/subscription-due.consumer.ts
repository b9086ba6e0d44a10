import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PeriodLinks } from '../payment-links/period-links.service.ts';
import { CollectionsService } from '../payments/collections.service.ts';
import type { SubscriptionDue } from '../payments/due-event.ts';
import { ExecuteAttemptsWorker } from '../payments/execute-attempts.worker.ts';

/**
 * A period of a subscription is due: its method is charged as an instalment's is, or, where there is none to charge, a
 * link is made to pay it by. Attempt and link commit with the inbox rows; nothing is charged here.
 */
@Controller()
export class SubscriptionDueConsumer {
  private readonly chargeSoon = () => this.executor.kick();

  constructor(
    private readonly collections: CollectionsService,
    private readonly links: PeriodLinks,
    private readonly executor: ExecuteAttemptsWorker,
  ) {}

  @EventPattern('subscription.due')
  async handle(events: SubscriptionDue[], tx: Tx): Promise<void> {
    tx.afterCommit(this.chargeSoon);
    await this.collections.collect(tx, events);
    await this.links.make(tx, events);
  }
}
