import type { AllocationRow, ReceivedPayment } from '../allocations/allocation.entity.ts';
import type { StoredSuspenseItem } from '../allocations/suspense-item.repository.ts';
import type { UnappliedShare } from '../allocations/unapplied-fund.repository.ts';
import type { AllocatedInvoice } from '../domain/allocation.ts';

/** What a payment still pays, as it was applied at one time. */
export interface AppliedBatch {
  readonly id: string;
  readonly invoices: readonly AllocatedInvoice[];
  readonly amountMinor: bigint;
}

/** A payment with everything that it holds: the lock of its row keeps all of it still. */
export interface HeldPayment {
  readonly received: ReceivedPayment;
  /** The oldest first. */
  readonly batches: readonly AppliedBatch[];
  readonly shares: readonly UnappliedShare[];
  readonly items: readonly StoredSuspenseItem[];
}

export function batchesOf(rows: readonly AllocationRow[]): AppliedBatch[] {
  return [...Map.groupBy(rows, ({ batchId }) => batchId)].map(([id, own]) => {
    const invoices = [...Map.groupBy(own, ({ invoiceId }) => invoiceId)].map(([invoiceId, items]) => ({
      invoiceId,
      amountMinor: sumOf(items),
      items: items.map(({ itemNo, amountMinor }) => ({ itemNo, amountMinor })),
    }));
    return { id, invoices, amountMinor: sumOf(own) };
  });
}

function sumOf(rows: readonly { readonly amountMinor: bigint }[]): bigint {
  return rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}
