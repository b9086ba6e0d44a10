import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { JournalService } from '../journal/journal.service.ts';
import { postingOfAllocation, postingOfInvoice, postingOfSuspense, reversalOfAllocation } from '../journal/postings.ts';

/** What billing decided becomes entries: an invoice, cash applied to it, that application undone, cash of nobody. */
@Controller()
export class BillingConsumer {
  constructor(private readonly journal: JournalService) {}

  @EventPattern('invoice.issued')
  issued(events: QuittanceEvent<'invoice.issued'>[], tx: Tx): Promise<void> {
    return this.journal.post(tx, events, postingOfInvoice);
  }

  @EventPattern('allocation.created')
  allocated(events: QuittanceEvent<'allocation.created'>[], tx: Tx): Promise<void> {
    return this.journal.post(tx, events, postingOfAllocation);
  }

  @EventPattern('allocation.reversed')
  unallocated(events: QuittanceEvent<'allocation.reversed'>[], tx: Tx): Promise<void> {
    return this.journal.reverse(tx, events, reversalOfAllocation);
  }

  @EventPattern('suspense.opened')
  suspended(events: QuittanceEvent<'suspense.opened'>[], tx: Tx): Promise<void> {
    return this.journal.post(tx, events, postingOfSuspense);
  }
}
