import { Injectable, Logger } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { allocate } from '../domain/allocation.ts';
import type { Allocated } from '../domain/allocation.ts';
import { AllocationRepository } from './allocation.repository.ts';
import type { AllocationRow } from './allocation.entity.ts';
import { ReceiptsService } from './receipts.service.ts';
import type { PostedPayment, Receipt } from './receipts.service.ts';
import type { ReceivableBook } from './receivable-book.ts';
import { ReceivablesService } from './receivables.service.ts';
import { RemaindersService } from './remainders.service.ts';

const counted = metrics.counter('billing_payments_applied_total', 'Payments, by where they went', ['destination']);

export interface Applied extends Allocated {
  readonly receipt: Receipt;
  readonly batchId: string;
  readonly events: readonly NewEvent[];
}

/**
 * What received money pays. Effect of one `payment.posted`: its amount is allocated to what it names, and what nothing
 * could take is unapplied (its owner is known) or in suspense (it is not). Every cent is somewhere, in one transaction.
 */
@Injectable()
export class AllocationsService {
  private readonly log = new Logger(AllocationsService.name);

  constructor(
    private readonly receipts: ReceiptsService,
    private readonly receivables: ReceivablesService,
    private readonly remainders: RemaindersService,
    private readonly allocations: AllocationRepository,
    private readonly attempts: CollectionAttemptRepository,
    private readonly outbox: Outbox,
  ) {}

  async apply(tx: Tx, events: readonly PostedPayment[]): Promise<void> {
    const receipts = await this.receipts.read(tx, events);
    if (receipts.length === 0) return;
    const book = await this.receivables.openOf(tx, policiesOf(receipts));
    // One after the other: each sees what the one before it left open.
    const applied = receipts.map((receipt) => settle(receipt, book));
    tx.afterCommit(() => applied.forEach((each) => this.tell(each)));
    await this.remainders.receive(tx, applied);
    await Promise.all([
      this.allocations.insert(tx, applied.flatMap(rowsOf)),
      this.receivables.save(tx, book),
      this.attempts.settle(
        tx,
        'posted',
        receipts.flatMap(({ tenantId, attempt }) => (attempt ? [{ tenantId, ...attempt }] : [])),
      ),
      this.outbox.append(
        tx,
        applied.flatMap(({ events }) => events),
      ),
    ]);
  }

  /** One wide line a payment, with every id by which somebody may look for it. */
  private tell({ receipt, batchId, invoices, unappliedMinor }: Applied): void {
    const { tenantId, locator: paymentLocator, destination, amount, attempt } = receipt;
    counted.inc({ destination: destination.kind });
    const ids = { tenantId, paymentLocator, batchId, ...destination, ...attempt };
    const amounts = {
      amountMinor: Number(amount.minor),
      unappliedMinor: Number(unappliedMinor),
      currency: amount.currency,
    };
    this.log.log({ ...ids, ...amounts, invoices: invoices.map(({ invoiceId }) => invoiceId) }, 'payment applied');
  }
}

function policiesOf(receipts: readonly Receipt[]): { tenantId: string; locator: string }[] {
  const keys = receipts.flatMap(({ tenantId, destination }) =>
    'policyLocator' in destination ? [{ tenantId, locator: destination.policyLocator }] : [],
  );
  return [...new Map(keys.map((key) => [`${key.tenantId}/${key.locator}`, key])).values()];
}

function settle(receipt: Receipt, book: ReceivableBook): Applied {
  const { tenantId, destination, amount, occasion } = receipt;
  const batchId = newId();
  if (!('policyLocator' in destination)) {
    return { receipt, batchId, invoices: [], unappliedMinor: amount.minor, events: [] };
  }
  const policy = { tenantId, locator: destination.policyLocator };
  const invoiceId = destination.kind === 'invoice' ? destination.invoiceId : undefined;
  const allocated = allocate(amount.minor, book.open(policy, invoiceId));
  const paid = allocated.invoices.flatMap((part) => book.pay({ tenantId, id: part.invoiceId }, part.items, occasion));
  const events = allocated.invoices.length === 0 ? [] : [allocationCreated(receipt, batchId, allocated, book), ...paid];
  return { receipt, batchId, ...allocated, events };
}

function allocationCreated(receipt: Receipt, batchId: string, allocated: Allocated, book: ReceivableBook): NewEvent {
  const { tenantId, locator, amount, effectiveDate, occasion } = receipt;
  const { currency } = amount;
  return {
    type: 'allocation.created',
    tenantId,
    subject: batchId,
    sequence: 1,
    data: {
      batchId,
      paymentLocator: locator,
      allocations: allocated.invoices.map(({ invoiceId, amountMinor }) => {
        const { invoice } = book.get({ tenantId, id: invoiceId });
        return {
          invoiceLocator: invoiceId,
          instalmentId: invoice.instalmentId,
          policyLocator: invoice.policyLocator,
          amount: toWire({ minor: amountMinor, currency }),
        };
      }),
      unapplied: toWire({ minor: allocated.unappliedMinor, currency }),
      effectiveDate,
    },
    ...occasion,
  };
}

function rowsOf({ receipt, batchId, invoices }: Applied): AllocationRow[] {
  const { tenantId, locator, amount, effectiveDate } = receipt;
  return invoices.flatMap(({ invoiceId, items }) =>
    items.map(({ itemNo, amountMinor }) => ({
      tenantId,
      id: newId(),
      batchId,
      kind: 'apply' as const,
      reversesBatchId: null,
      paymentLocator: locator,
      invoiceId,
      itemNo,
      amountMinor,
      currency: amount.currency,
      effectiveDate,
    })),
  );
}
