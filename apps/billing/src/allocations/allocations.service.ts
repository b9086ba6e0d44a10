import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { allocate } from '../domain/allocation.ts';
import type { Allocated } from '../domain/allocation.ts';
import { accountsOf, isMeant } from '../domain/receipt.ts';
import { eventOfBatch, rowsOfBatch } from './allocation-batch.ts';
import type { AllocationBatch } from './allocation-batch.ts';
import { AllocationRepository } from './allocation.repository.ts';
import { creditCreated } from './credit.events.ts';
import { ReceiptsService } from './receipts.service.ts';
import type { PostedPayment, Receipt } from './receipts.service.ts';
import type { ReceivableBook } from './receivable-book.ts';
import type { AccountKey } from './receivable.repository.ts';
import { ReceivablesService } from './receivables.service.ts';
import { RemaindersService } from './remainders.service.ts';

const counted = metrics.counter('billing_payments_applied_total', 'Payments, by where they went', ['destination']);

export interface Applied {
  readonly receipt: Receipt;
  readonly batch: AllocationBatch;
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
    await this.receive(tx, await this.receipts.read(tx, events));
  }

  /** Money of any kind that is new here. */
  async receive(tx: Tx, receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const book = await this.receivables.openOf(tx, keysOf(receipts));
    // One after the other: each sees what the one before it left open.
    const applied = receipts.map((receipt) => settle(receipt, book));
    tx.afterCommit(() => applied.forEach((each) => this.tell(each)));
    await this.remainders.receive(
      tx,
      applied.map(({ receipt, batch }) => ({ receipt, unappliedMinor: batch.unappliedMinor })),
    );
    await Promise.all([
      this.allocations.insert(
        tx,
        applied.flatMap(({ batch }) => rowsOfBatch(batch)),
      ),
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
  private tell({ receipt, batch: { id: batchId, invoices, unappliedMinor } }: Applied): void {
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

function keysOf(receipts: readonly Receipt[]): AccountKey[] {
  const keys = receipts.flatMap(({ tenantId, destination }) =>
    accountsOf(destination).map((account) => ({ tenantId, ...account })),
  );
  return [...new Map(keys.map((key) => [`${key.tenantId}/${key.locator}`, key])).values()];
}

function settle(receipt: Receipt, book: ReceivableBook): Applied {
  const { tenantId, locator: paymentLocator, kind, amount, effectiveDate, occasion } = receipt;
  const head = { tenantId, id: newId(), paymentLocator, kind, currency: amount.currency, effectiveDate, occasion };
  const allocated = allocatedTo(receipt, book);
  const batch = { ...head, ...allocated, reverses: null };
  const { invoices } = allocated;
  const credited = creditCreated(receipt, allocated.unappliedMinor);
  if (invoices.length === 0) return { receipt, batch, events: credited };
  const paid = invoices.flatMap(({ invoiceId: id, items }) => book.pay({ tenantId, id }, items, occasion));
  return { receipt, batch, events: [...credited, eventOfBatch(batch, book), ...paid] };
}

function allocatedTo({ tenantId, destination, amount }: Receipt, book: ReceivableBook): Allocated {
  const open = accountsOf(destination).flatMap(({ locator }) => book.open({ tenantId, locator }));
  return allocate(
    amount.minor,
    open.filter((invoice) => isMeant(invoice, destination)),
    book.planOf(tenantId),
  );
}
