import { toWire } from '@quittance/money/wire';
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { AllocatedInvoice } from '../domain/allocation.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { MoneyKind } from '../domain/credit.ts';
import type { AllocationRow } from './allocation.entity.ts';
import type { Occasion } from './occasion.ts';
import type { ReceivableBook } from './receivable-book.ts';

/** One application of one payment to invoices, or the undoing of such a batch as a whole. */
export interface AllocationBatch {
  readonly tenantId: string;
  readonly id: string;
  /** Of the payment, or the id of the credit. */
  readonly paymentLocator: string;
  readonly kind: MoneyKind;
  readonly currency: string;
  readonly invoices: readonly AllocatedInvoice[];
  readonly unappliedMinor: bigint;
  /** The batch that it undoes. */
  readonly reverses: string | null;
  readonly effectiveDate: CalendarDate;
  readonly occasion: Occasion;
}

export function rowsOfBatch(batch: AllocationBatch): AllocationRow[] {
  const { tenantId, id: batchId, paymentLocator, currency, reverses: reversesBatchId, effectiveDate } = batch;
  const kind = reversesBatchId === null ? ('apply' as const) : ('unapply' as const);
  const about = { tenantId, batchId, kind, reversesBatchId, paymentLocator, currency, effectiveDate };
  return batch.invoices.flatMap(({ invoiceId, items }) =>
    items.map(({ itemNo, amountMinor }) => ({ ...about, id: newId(), invoiceId, itemNo, amountMinor })),
  );
}

/** A batch is an aggregate of its own: its first event is its last. */
export function eventOfBatch(batch: AllocationBatch, book: ReceivableBook): NewEvent {
  const { tenantId, id: batchId, currency, reverses, effectiveDate, occasion } = batch;
  return {
    type: reverses === null ? 'allocation.created' : 'allocation.reversed',
    tenantId,
    subject: batchId,
    sequence: 1,
    data: {
      batchId,
      ...sourceOf(batch),
      ...(reverses === null ? {} : { reverses }),
      allocations: batch.invoices.map(({ invoiceId, amountMinor, items }) => {
        const { invoice, policy } = book.get({ tenantId, id: invoiceId });
        const amount = toWire({ minor: amountMinor, currency });
        const about = invoice.instalmentId === null ? {} : { instalmentId: invoice.instalmentId };
        const parts = items.map((each) => ({
          itemNo: each.itemNo,
          amount: toWire({ minor: each.amountMinor, currency }),
        }));
        const of = { invoiceLocator: invoiceId, invoiceType: invoice.type, ...about };
        return { ...of, policyLocator: policy.locator, amount, items: parts };
      }),
      unapplied: toWire({ minor: batch.unappliedMinor, currency }),
      effectiveDate,
    },
    ...occasion,
  };
}

/** Whose money: a payment's, or that of a credit. */
export function sourceOf({ kind, paymentLocator }: Pick<AllocationBatch, 'kind' | 'paymentLocator'>) {
  return kind === 'payment' ? { paymentLocator } : { creditId: paymentLocator };
}
