import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { JournalService } from '../journal/journal.service.ts';
import { postingOfDisbursement, postingOfPayment, reversalOfPayments, takenFromPayment } from '../journal/postings.ts';
import type { PaidOut, TakenFromPayment, UndoneByPayments } from '../journal/postings.ts';
import { PaymentProjectionsService } from '../projections/payment-projections.service.ts';

/** Cash facts become entries: money that came in, that went out, and the mirror of either where it is undone. */
@Controller()
export class PaymentConsumer {
  constructor(
    private readonly journal: JournalService,
    private readonly projections: PaymentProjectionsService,
  ) {}

  @EventPattern('payment.posted')
  async posted(events: QuittanceEvent<'payment.posted'>[], tx: Tx): Promise<void> {
    await this.journal.post(tx, events, postingOfPayment);
    await this.projections.posted(tx, events);
  }

  @EventPattern(['payment.reversed', 'payment.returned', 'dispute.won', 'disbursement.voided'])
  async undone(events: UndoneByPayments[], tx: Tx): Promise<void> {
    const booked = await this.journal.reverse(tx, events, reversalOfPayments);
    await this.projections.undone(tx, events);
    await this.projections.bookedLate(tx, booked);
  }

  @EventPattern(['refund.succeeded', 'dispute.opened', 'dispute.updated', 'dispute.lost'])
  async taken(events: TakenFromPayment[], tx: Tx): Promise<void> {
    await this.journal.postAfter(tx, events, takenFromPayment);
    await this.projections.taken(tx, events);
  }

  @EventPattern(['disbursement.executed', 'disbursement.stale'])
  paidOut(events: PaidOut[], tx: Tx): Promise<void> {
    return this.journal.post(tx, events, postingOfDisbursement);
  }
}
