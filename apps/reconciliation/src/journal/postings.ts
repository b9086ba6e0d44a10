// Facts of other services, read as the ledger's: which rule applies, what names the entry, and its business date.
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { EntryKey, JournalLine, Posting, Reversal } from '../domain/entry.ts';
import { allocationCreated, invoiceIssued, paymentPosted, suspenseOpened } from '../domain/posting-rules.ts';

const dayOf = (instant: string) => instant.slice(0, 10);
const key = (kind: string, type: string, id: string): EntryKey => ({ kind, source: { type, id } });

export function postingOfPayment({ data, time }: QuittanceEvent<'payment.posted'>): Posting {
  const { locator: paymentLocator, amount, method, policyLocator, invoiceLocator } = data;
  return {
    ...key('payment_posted', 'payment', paymentLocator),
    effectiveOn: data.effectiveDate ?? dayOf(time),
    lines: paymentPosted({ amount: fromWire(amount), method, paymentLocator, policyLocator, invoiceLocator }),
  };
}

export function reversalOfPayment({ data, time }: QuittanceEvent<'payment.reversed'>): Reversal {
  return {
    ...key('payment_reversed', 'payment', data.locator),
    effectiveOn: dayOf(data.reversedTimestamp ?? time),
    of: key('payment_posted', 'payment', data.locator),
  };
}

export type BillingFact = QuittanceEvent<'invoice.issued' | 'allocation.created' | 'suspense.opened'>;

/** The type of an event decides what its data is, which the compiler cannot see. */
export function postingOfBilling(event: BillingFact): Posting {
  switch (event.type) {
    case 'invoice.issued':
      return postingOfInvoice(event as QuittanceEvent<'invoice.issued'>);
    case 'allocation.created':
      return postingOfAllocation(event as QuittanceEvent<'allocation.created'>);
    case 'suspense.opened':
      return postingOfSuspense(event as QuittanceEvent<'suspense.opened'>);
  }
}

function postingOfInvoice({ data }: QuittanceEvent<'invoice.issued'>): Posting {
  const { invoiceLocator, policyLocator, total, issuedOn } = data;
  const items = data.items.map(({ category, amount }) => ({ category, amount: fromWire(amount) }));
  return {
    ...key('invoice_issued', 'invoice', invoiceLocator),
    effectiveOn: issuedOn,
    lines: invoiceIssued({ total: fromWire(total), items, policyLocator, invoiceLocator }),
  };
}

function postingOfAllocation(event: QuittanceEvent<'allocation.created'>): Posting {
  const { batchId, effectiveDate } = event.data;
  return {
    ...key('allocation_created', 'allocation', batchId),
    effectiveOn: effectiveDate,
    lines: allocationLines(event),
  };
}

/** An allocation that applied nothing was not booked, and its reversal has nothing to undo. */
export function reversalOfAllocation(event: QuittanceEvent<'allocation.reversed'>): Reversal | null {
  const { batchId, reverses, effectiveDate } = event.data;
  if (!reverses || allocationLines(event).length === 0) return null;
  return {
    ...key('allocation_reversed', 'allocation', batchId),
    effectiveOn: effectiveDate,
    of: key('allocation_created', 'allocation', reverses),
  };
}

function postingOfSuspense({ data, time }: QuittanceEvent<'suspense.opened'>): Posting {
  const { suspenseId, paymentLocator, amount } = data;
  return {
    ...key('suspense_opened', 'suspense', suspenseId),
    effectiveOn: dayOf(time),
    lines: suspenseOpened({ amount: fromWire(amount), paymentLocator }),
  };
}

function allocationLines({ data }: QuittanceEvent<'allocation.created' | 'allocation.reversed'>): JournalLine[] {
  const { paymentLocator, allocations } = data;
  return allocationCreated(
    allocations.map(({ amount, policyLocator, invoiceLocator }) => ({
      amount: fromWire(amount),
      ...{ policyLocator, invoiceLocator, paymentLocator },
    })),
  );
}
