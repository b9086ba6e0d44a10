import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PaymentLinksService } from '../payment-links/payment-links.service.ts';

/** An invoice was paid, by whatever way: its links are closed in the transaction of the inbox rows. */
@Controller()
export class InvoicePaidConsumer {
  constructor(private readonly links: PaymentLinksService) {}

  @EventPattern('invoice.paid')
  handle(events: QuittanceEvent<'invoice.paid'>[], tx: Tx): Promise<void> {
    return this.links.closePaidElsewhere(tx, events);
  }
}
