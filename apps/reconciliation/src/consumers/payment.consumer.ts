import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { JournalService } from '../journal/journal.service.ts';
import { postingOfPayment, reversalOfPayment } from '../journal/postings.ts';

/** Cash facts become entries: a posted payment, and the mirror of its entry when it is reversed. */
@Controller()
export class PaymentConsumer {
  constructor(private readonly journal: JournalService) {}

  @EventPattern('payment.posted')
  posted(events: QuittanceEvent<'payment.posted'>[], tx: Tx): Promise<void> {
    return this.journal.post(tx, events, postingOfPayment);
  }

  @EventPattern('payment.reversed')
  reversed(events: QuittanceEvent<'payment.reversed'>[], tx: Tx): Promise<void> {
    return this.journal.reverse(tx, events, reversalOfPayment);
  }
}
