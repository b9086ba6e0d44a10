// What is taken off some invoices, and stays with its owner: pure but for the ids of new rows.
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { eventOfBatch } from '../allocations/allocation-batch.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import type { Occasion } from '../allocations/occasion.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import type { FundChange } from '../allocations/unapplied-funds.service.ts';
import { localDate } from '../domain/zone.ts';
import type { AppliedBatch, HeldPayment } from './held-payment.ts';
import type { Moved } from './held-payments.service.ts';

export interface Unallocated {
  readonly moved: Moved;
  readonly events: readonly NewEvent[];
}

/**
 * Undoes what a payment pays of these invoices: unapplied from now on. Batches are undone whole, and the rest applied
 * again.
 */
export function unallocate(
  { received, batches }: HeldPayment,
  invoiceIds: ReadonlySet<string>,
  book: ReceivableBook,
  occasion: Occasion,
): Unallocated | null {
  const touched = batches.filter(({ invoices }) => invoices.some(({ invoiceId }) => invoiceIds.has(invoiceId)));
  if (touched.length === 0) return null;
  const steps = touched.map((batch) => step(received, batch, { invoiceIds, book, occasion }));
  const freedMinor = steps.reduce((sum, { freedMinor }) => sum + freedMinor, 0n);
  return {
    moved: {
      received: {
        ...received,
        allocatedMinor: received.allocatedMinor - freedMinor,
        unappliedMinor: received.unappliedMinor + freedMinor,
      },
      batches: steps.flatMap((each) => each.batches),
      funds: steps.map(({ fund }) => fund),
      suspense: { closed: [], opened: [] },
      credited: 'credit.restored',
      occasion,
    },
    events: steps.flatMap(({ events }) => events),
  };
}

interface Context {
  readonly invoiceIds: ReadonlySet<string>;
  readonly book: ReceivableBook;
  readonly occasion: Occasion;
}

function step(received: HeldPayment['received'], applied: AppliedBatch, { invoiceIds, book, occasion }: Context) {
  const { tenantId, locator: paymentLocator, kind, currency } = received;
  // The one whose invoices these are, whatever else the batch had paid.
  const freed = applied.invoices.find(({ invoiceId }) => invoiceIds.has(invoiceId));
  const { locator: ownerLocator, timeZone } = book.get({ tenantId, id: freed!.invoiceId }).policy;
  const today = localDate(occasion.time, timeZone);
  const head = { tenantId, paymentLocator, kind, currency, effectiveDate: today, occasion, unappliedMinor: 0n };
  const undone: AllocationBatch = { ...head, id: newId(), invoices: applied.invoices, reverses: applied.id };
  const reopened = applied.invoices.flatMap(({ invoiceId: id, items }) =>
    book.unpay({ tenantId, id }, items, today, occasion),
  );
  const events = [eventOfBatch(undone, book), ...reopened];
  const stays = applied.invoices.filter(({ invoiceId }) => !invoiceIds.has(invoiceId));
  const keptMinor = stays.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const again: AllocationBatch = { ...head, id: newId(), invoices: stays, reverses: null };
  if (stays.length > 0) {
    const paid = stays.flatMap(({ invoiceId: id, items }) => book.pay({ tenantId, id }, items, occasion));
    events.push(eventOfBatch(again, book), ...paid);
  }
  const freedMinor = applied.amountMinor - keptMinor;
  const owner = { tenantId, ownerType: 'policy' as const, ownerLocator, currency };
  const change = { paymentLocator, kind, deltaMinor: freedMinor, effectiveDate: today };
  const fund: FundChange = { ...owner, ...change, occasion };
  return { batches: stays.length > 0 ? [undone, again] : [undone], freedMinor, fund, events };
}
