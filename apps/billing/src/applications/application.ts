// What unapplied money pays when a person says so: pure but for the ids of new rows.
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { eventOfBatch } from '../allocations/allocation-batch.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import type { Occasion } from '../allocations/occasion.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import type { UnappliedShare } from '../allocations/unapplied-fund.repository.ts';
import { takeShares } from '../allocations/unapplied-funds.service.ts';
import { toItems } from '../domain/allocation.ts';
import type { AllocatedInvoice } from '../domain/allocation.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { HeldPayment } from '../withdrawals/held-payment.ts';
import type { Moved } from '../withdrawals/held-payments.service.ts';

/** What is to be paid of an invoice. */
export interface Target {
  readonly invoiceId: string;
  readonly amountMinor: bigint;
}

export interface Source {
  readonly payment: HeldPayment;
  /** What of it may be used. */
  readonly shares: readonly UnappliedShare[];
}

export interface Applied {
  readonly moved: readonly Moved[];
  readonly batches: readonly AllocationBatch[];
  readonly events: readonly NewEvent[];
}

interface Context {
  readonly book: ReceivableBook;
  readonly occasion: Occasion;
  readonly effectiveDate: CalendarDate;
}

/** The invoices in the order given, each from the sources in theirs; a source that pays nothing is as it was. */
export function applySources(sources: readonly Source[], targets: readonly Target[], context: Context): Applied {
  const left = targets.map((target) => ({ ...target }));
  const steps = sources.flatMap((source) => {
    const sum = source.shares.reduce((total, { amountMinor }) => total + amountMinor, 0n);
    const taken = take(sum, left);
    return taken.length === 0 ? [] : [applyOne(source, taken, context)];
  });
  return {
    moved: steps.map(({ moved }) => moved),
    batches: steps.map(({ batch }) => batch),
    events: steps.flatMap(({ events }) => events),
  };
}

/** What an amount pays of targets, which lack that much less afterwards. */
function take(amountMinor: bigint, targets: { invoiceId: string; amountMinor: bigint }[]): Target[] {
  let rest = amountMinor;
  return targets.flatMap((target) => {
    const part = rest < target.amountMinor ? rest : target.amountMinor;
    if (part === 0n) return [];
    rest -= part;
    target.amountMinor -= part;
    return [{ invoiceId: target.invoiceId, amountMinor: part }];
  });
}

function applyOne({ payment: { received }, shares }: Source, targets: readonly Target[], context: Context) {
  const { book, occasion, effectiveDate } = context;
  const { tenantId, locator: paymentLocator, kind, currency } = received;
  const paid = targets.map(({ invoiceId, amountMinor }): { invoice: AllocatedInvoice; events: NewEvent[] } => {
    const [open] = book.openAmong([{ tenantId, id: invoiceId }]);
    const items = toItems(amountMinor, open?.items ?? [], book.planOf(tenantId).items);
    return {
      invoice: { invoiceId, amountMinor, items },
      events: book.pay({ tenantId, id: invoiceId }, items, occasion),
    };
  });
  const spentMinor = targets.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const unappliedMinor = received.unappliedMinor - spentMinor;
  const batch: AllocationBatch = {
    ...{ tenantId, id: newId(), paymentLocator, kind, currency, occasion, reverses: null, effectiveDate },
    ...{ invoices: paid.map(({ invoice }) => invoice), unappliedMinor },
  };
  const moved: Moved = {
    received: { ...received, unappliedMinor, allocatedMinor: received.allocatedMinor + spentMinor },
    batches: [batch],
    funds: takeShares(shares, spentMinor, occasion).map((change) => ({ ...change, effectiveDate })),
    suspense: { closed: [], opened: [] },
    credited: 'credit.applied',
    occasion,
  };
  return { moved, batch, events: [eventOfBatch(batch, book), ...paid.flatMap(({ events }) => events)] };
}
