import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PaymentLinksService } from '../payment-links/payment-links.service.ts';

/** An invoice was paid, by whatever way, or is owed no more: its links are closed where the inbox rows are kept. */
@Controller()
export class InvoicePaidConsumer {
  constructor(private readonly links: PaymentLinksService) {}

  @EventPattern(['invoice.paid', 'invoice.voided'])
  handle(events: QuittanceEvent<'invoice.paid' | 'invoice.voided'>[], tx: Tx): Promise<void> {
    return this.links.closePaidElsewhere(tx, events);
  }
}
