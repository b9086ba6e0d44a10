import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PaidLinks } from '../subscriptions/paid-links.service.ts';

/** The down payment of a link starts a subscription, and given back as a whole may end it; other links pay a period. */
@Controller()
export class PaymentLinkConsumer {
  constructor(private readonly links: PaidLinks) {}

  @EventPattern('payment_link.completed')
  async completed(events: QuittanceEvent<'payment_link.completed'>[], tx: Tx): Promise<void> {
    await this.links.start(tx, events);
    await this.links.storeMethods(tx, events);
  }

  @EventPattern('payment_link.expired')
  expired(events: QuittanceEvent<'payment_link.expired'>[], tx: Tx): Promise<void> {
    return this.links.endExpired(tx, events);
  }

  @EventPattern('payment_link.refunded')
  refunded(events: QuittanceEvent<'payment_link.refunded'>[], tx: Tx): Promise<void> {
    return this.links.endRefunded(tx, events);
  }
}
