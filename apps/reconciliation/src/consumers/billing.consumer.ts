import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { JournalService } from '../journal/journal.service.ts';
import { postingOfBilling, reversalOfAllocation } from '../journal/postings.ts';
import type { BillingFact } from '../journal/postings.ts';

/** What billing decided becomes entries: an invoice, cash applied to it, that application undone, cash of nobody. */
@Controller()
export class BillingConsumer {
  constructor(private readonly journal: JournalService) {}

  /** One handler for the three, so that they make one batch however they alternate. */
  @EventPattern(['invoice.issued', 'allocation.created', 'suspense.opened'])
  decided(events: BillingFact[], tx: Tx): Promise<void> {
    return this.journal.post(tx, events, postingOfBilling);
  }

  /** On its own: what it undoes must be booked before. */
  @EventPattern('allocation.reversed')
  undone(events: QuittanceEvent<'allocation.reversed'>[], tx: Tx): Promise<void> {
    return this.journal.reverse(tx, events, reversalOfAllocation);
  }
}
