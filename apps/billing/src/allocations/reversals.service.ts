import { Injectable, Logger } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { AllocationRepository } from './allocation.repository.ts';
import type { AllocationRow } from './allocation.entity.ts';
import type { Occasion, ReceivableBook } from './receivable-book.ts';
import { ReceivablesService } from './receivables.service.ts';
import { ReturnsService } from './returns.service.ts';

const counted = metrics.counter('billing_payments_reversed_total', 'Payments that were taken back');

export type ReversedPayment = QuittanceEvent<'payment.reversed'>;

/** All that one payment still paid, by the batch in which it was allocated. */
interface Batch {
  readonly id: string;
  readonly reverses: string;
  readonly rows: readonly AllocationRow[];
  readonly occasion: Occasion;
  /** The policy-local date on which the reversal takes effect. */
  readonly today: string;
}

/**
 * Takes back what a payment paid: effect of one `payment.reversed`. Its invoices are open again, its unapplied and
 * suspended money is gone, and what was due before today is due by the end of today.
 */
@Injectable()
export class ReversalsService {
  private readonly log = new Logger(ReversalsService.name);

  constructor(
    private readonly returns: ReturnsService,
    private readonly receivables: ReceivablesService,
    private readonly allocations: AllocationRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  async reverse(tx: Tx, events: readonly ReversedPayment[]): Promise<void> {
    const posted = await this.returns.posted(tx, events);
    if (posted.length === 0) return;
    const keys = posted.map(paymentKey);
    const rows = await this.allocations.applied(tx, keys);
    const invoices = [...new Map(rows.map(invoiceKey).map((key) => [keyOf(key), key])).values()];
    const policies = await this.receivables.policiesOf(tx, invoices);
    const [book, nowOf] = await Promise.all([
      this.receivables.of(tx, policies, invoices),
      this.time.of(
        tx,
        keys.map(({ tenantId }) => tenantId),
      ),
    ]);
    const batches = posted.flatMap((cause) => batchesOf(rows, book, cause, nowOf(cause.tenantid)));
    const said = batches.flatMap((batch) => undo(batch, book));
    tx.afterCommit(() => posted.forEach((event) => this.tell(event, batches)));
    await this.returns.take(tx, posted, nowOf);
    await Promise.all([
      this.allocations.insert(tx, batches.flatMap(undoingRows)),
      this.receivables.save(tx, book),
      this.outbox.append(tx, said),
    ]);
  }

  /** One wide line a payment, with every id by which somebody may look for it. */
  private tell(event: ReversedPayment, batches: readonly Batch[]): void {
    counted.inc();
    const own = batches.filter(({ occasion }) => occasion.cause === event);
    const invoices = [...new Set(own.flatMap(({ rows }) => rows.map(({ invoiceId }) => invoiceId)))];
    const { locator: paymentLocator, reversal } = event.data;
    const ids = {
      tenantId: event.tenantid,
      paymentLocator,
      reversalId: reversal?.reversalId,
      reason: reversal?.reason,
    };
    this.log.log({ ...ids, batches: own.map(({ id }) => id), invoices }, 'payment taken back');
  }
}

function paymentKey({ tenantid, data }: ReversedPayment): TenantKey {
  return { tenantId: tenantid, id: data.locator };
}

function invoiceKey({ tenantId, invoiceId }: AllocationRow): TenantKey {
  return { tenantId, id: invoiceId };
}

function batchesOf(rows: readonly AllocationRow[], book: ReceivableBook, cause: ReversedPayment, time: Date): Batch[] {
  const { tenantId, id } = paymentKey(cause);
  const own = rows.filter((row) => row.tenantId === tenantId && row.paymentLocator === id);
  return [...Map.groupBy(own, ({ batchId }) => batchId)].map(([reverses, rows]) => {
    const { policy } = book.get(invoiceKey(rows[0]!));
    return { id: newId(), reverses, rows, occasion: { time, cause }, today: localDate(time, policy.timeZone) };
  });
}

/** The events of one batch taken back. */
function undo(batch: Batch, book: ReceivableBook): NewEvent[] {
  const { rows, occasion, today } = batch;
  const byInvoice = [...Map.groupBy(rows, ({ invoiceId }) => invoiceId).values()];
  const reopened = byInvoice.flatMap((parts) => book.unpay(invoiceKey(parts[0]!), parts, today, occasion));
  return [allocationReversed(batch, byInvoice, book), ...reopened];
}

function allocationReversed(batch: Batch, byInvoice: readonly AllocationRow[][], book: ReceivableBook): NewEvent {
  const { id: batchId, reverses, rows, occasion, today: effectiveDate } = batch;
  const { tenantId, paymentLocator, currency } = rows[0]!;
  return {
    type: 'allocation.reversed',
    tenantId,
    subject: batchId,
    sequence: 1,
    data: {
      batchId,
      paymentLocator,
      reverses,
      allocations: byInvoice.map((parts) => {
        const { invoice } = book.get(invoiceKey(parts[0]!));
        return {
          invoiceLocator: invoice.id,
          instalmentId: invoice.instalmentId,
          policyLocator: invoice.policyLocator,
          amount: toWire({ minor: parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n), currency }),
        };
      }),
      unapplied: toWire({ minor: 0n, currency }),
      effectiveDate,
    },
    ...occasion,
  };
}

function undoingRows({ id: batchId, reverses, rows, today }: Batch): AllocationRow[] {
  return rows.map((row) => ({
    ...row,
    id: newId(),
    batchId,
    kind: 'unapply',
    reversesBatchId: reverses,
    effectiveDate: today,
  }));
}
