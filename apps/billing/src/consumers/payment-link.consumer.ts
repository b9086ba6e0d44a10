import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.ts';

/** The down payment of a link starts a subscription, and given back as a whole may end it. */
@Controller()
export class PaymentLinkConsumer {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  @EventPattern('payment_link.completed')
  completed(events: QuittanceEvent<'payment_link.completed'>[], tx: Tx): Promise<void> {
    return this.subscriptions.start(tx, events);
  }

  @EventPattern('payment_link.refunded')
  refunded(events: QuittanceEvent<'payment_link.refunded'>[], tx: Tx): Promise<void> {
    return this.subscriptions.endRefunded(tx, events);
  }
}
