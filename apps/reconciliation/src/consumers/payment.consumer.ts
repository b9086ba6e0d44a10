import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { paymentPosted } from '../domain/posting-rules.ts';
import { JournalService } from '../journal/journal.service.ts';

const sourceOf = (event: QuittanceEvent) => ({ type: 'payment', id: event.subject });
const dayOf = (instant: string) => instant.slice(0, 10);

/** Cash facts become entries: a posted payment, and the mirror of it when it is reversed. */
@Controller()
export class PaymentConsumer {
  constructor(private readonly journal: JournalService) {}

  @EventPattern('payment.posted')
  posted(events: QuittanceEvent<'payment.posted'>[], tx: Tx): Promise<void> {
    const postings = events.map((event) => {
      const { data, time } = event;
      const { amount, method, policyLocator, invoiceLocator } = data;
      const money = { amount: BigInt(amount.amountMinor), currency: amount.currency, method };
      return {
        event,
        kind: 'payment_posted',
        source: sourceOf(event),
        effectiveOn: data.effectiveDate ?? dayOf(time),
        lines: paymentPosted({
          ...money,
          paymentLocator: data.locator,
          policyLocator: policyLocator ?? null,
          invoiceLocator: invoiceLocator ?? null,
        }),
      };
    });
    return this.journal.post(tx, postings);
  }

  @EventPattern('payment.reversed')
  reversed(events: QuittanceEvent<'payment.reversed'>[], tx: Tx): Promise<void> {
    const reversals = events.map((event) => ({
      event,
      kind: 'payment_reversed',
      source: sourceOf(event),
      effectiveOn: dayOf(event.data.reversedTimestamp ?? event.time),
      of: { kind: 'payment_posted', source: sourceOf(event) },
    }));
    return this.journal.reverse(tx, reversals);
  }
}
