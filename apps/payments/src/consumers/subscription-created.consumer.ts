import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PaymentLinksService } from '../payment-links/payment-links.service.ts';

/** Billing made a subscription of a link's plan: a note on the link, which a repetition writes again. */
@Controller()
export class SubscriptionCreatedConsumer {
  constructor(private readonly links: PaymentLinksService) {}

  @EventPattern('subscription.created')
  handle(events: QuittanceEvent<'subscription.created'>[], tx: Tx): Promise<void> {
    return this.links.noteSubscriptions(tx, events);
  }
}
