import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { CollectionsService } from '../collections/collections.service.ts';
import type { FailedPayment } from '../collections/collections.service.ts';

/** `payment.declined` is the last word on a payment; where no failure was told before it, it also ends the attempt. */
@Controller()
export class PaymentFailedConsumer {
  constructor(private readonly collections: CollectionsService) {}

  @EventPattern(['payment.failed', 'payment.declined'])
  handle(events: FailedPayment[], tx: Tx): Promise<void> {
    return this.collections.recordFailures(tx, events);
  }
}
