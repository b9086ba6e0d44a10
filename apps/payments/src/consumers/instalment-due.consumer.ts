import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { CollectionsService } from '../payments/collections.service.ts';
import type { InstalmentDue } from '../payments/due-event.ts';
import { ExecuteAttemptsWorker } from '../payments/execute-attempts.worker.ts';

/**
 * Billing says that money is due. The payment and its attempt commit with the inbox rows: a redelivery finds them, a
 * crash before the commit leaves nothing. Nothing is charged here.
 */
@Controller()
export class InstalmentDueConsumer {
  private readonly chargeSoon = () => this.executor.kick();

  constructor(
    private readonly collections: CollectionsService,
    private readonly executor: ExecuteAttemptsWorker,
  ) {}

  @EventPattern(['instalment.due', 'instalment.collection_due'])
  handle(events: InstalmentDue[], tx: Tx): Promise<void> {
    tx.afterCommit(this.chargeSoon);
    return this.collections.collect(tx, events);
  }
}
