import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { allocationCreated, invoiceIssued, suspenseOpened } from '../domain/posting-rules.ts';
import { JournalService } from '../journal/journal.service.ts';

/** What billing decided becomes entries: an invoice, cash applied to it, that application undone, cash of nobody. */
@Controller()
export class BillingConsumer {
  constructor(private readonly journal: JournalService) {}

  @EventPattern('invoice.issued')
  issued(events: QuittanceEvent<'invoice.issued'>[], tx: Tx): Promise<void> {
    const postings = events.map((event) => {
      const { invoiceLocator, policyLocator, issuedOn, total, items } = event.data;
      const amounts = items.map(({ category, amount }) => ({ category, amount: BigInt(amount.amountMinor) }));
      const lines = invoiceIssued({ currency: total.currency, policyLocator, invoiceLocator, items: amounts });
      return {
        event,
        kind: 'invoice_issued',
        source: { type: 'invoice', id: invoiceLocator },
        effectiveOn: issuedOn,
        lines,
      };
    });
    return this.journal.post(tx, postings);
  }

  @EventPattern('allocation.created')
  allocated(events: QuittanceEvent<'allocation.created'>[], tx: Tx): Promise<void> {
    const postings = events.map((event) => {
      const { batchId, paymentLocator, allocations, effectiveDate } = event.data;
      const applied = allocations.map(({ amount, policyLocator, invoiceLocator }) => ({
        ...{ amount: BigInt(amount.amountMinor), currency: amount.currency },
        ...{ policyLocator, invoiceLocator, paymentLocator },
      }));
      const source = { type: 'allocation', id: batchId };
      return {
        event,
        kind: 'allocation_created',
        source,
        effectiveOn: effectiveDate,
        lines: allocationCreated(applied),
      };
    });
    return this.journal.post(tx, postings);
  }

  /** An allocation that applied nothing was not booked, and its reversal has nothing to undo. */
  @EventPattern('allocation.reversed')
  unallocated(events: QuittanceEvent<'allocation.reversed'>[], tx: Tx): Promise<void> {
    const reversals = events.flatMap((event) => {
      const { batchId, reverses, allocations, effectiveDate } = event.data;
      if (!reverses || allocations.length === 0) return [];
      const of = { kind: 'allocation_created', source: { type: 'allocation', id: reverses } };
      return [
        {
          event,
          kind: 'allocation_reversed',
          source: { type: 'allocation', id: batchId },
          effectiveOn: effectiveDate,
          of,
        },
      ];
    });
    return this.journal.reverse(tx, reversals);
  }

  @EventPattern('suspense.opened')
  suspended(events: QuittanceEvent<'suspense.opened'>[], tx: Tx): Promise<void> {
    const postings = events.map((event) => {
      const { suspenseId, paymentLocator, amount } = event.data;
      const lines = suspenseOpened({ amount: BigInt(amount.amountMinor), currency: amount.currency, paymentLocator });
      const source = { type: 'suspense', id: suspenseId };
      return { event, kind: 'suspense_opened', source, effectiveOn: event.time.slice(0, 10), lines };
    });
    return this.journal.post(tx, postings);
  }
}
