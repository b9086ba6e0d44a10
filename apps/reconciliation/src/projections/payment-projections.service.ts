import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { BookedEntry } from '../domain/entry.ts';
import type { Finding } from '../domain/exception.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { ItemRepository } from '../matching/item.repository.ts';
import { ReturnsService } from '../returns/returns.service.ts';
import { SettlementRepository } from '../settlement/settlement.repository.ts';
import { itemOfRefund, itemsOfPayment, projectionOf } from './payment-projection.ts';
import type { PaymentNews, PaymentProjection, PaymentReference } from './payment-projection.ts';
import { PaymentProjectionRepository } from './payment-projection.repository.ts';

/**
 * Payments as reconciliation knows them, and the names by which reports and banks speak of them. A file may come before
 * the event of its payment: then the event finds what has waited.
 */
@Injectable()
export class PaymentProjectionsService {
  constructor(
    private readonly payments: PaymentProjectionRepository,
    private readonly items: ItemRepository,
    private readonly settlements: SettlementRepository,
    private readonly returns: ReturnsService,
    private readonly exceptions: ExceptionRepository,
    private readonly clock: Clock,
  ) {}

  async posted(tx: Tx, events: readonly PaymentNews[]): Promise<void> {
    const payments = events.map(projectionOf);
    const [, , linked] = await Promise.all([
      this.payments.upsert(tx, payments),
      this.items.add(tx, payments.flatMap(itemsOfPayment)),
      this.payments.addReferences(tx, payments.flatMap(referenceOf)),
    ]);
    await this.settleLinked(tx, linked);
    const causes = new Map(events.map((event) => [event.data.locator, event]));
    await this.returns.matchLate(
      tx,
      payments.flatMap(({ tenantId, locator, achTrace }) =>
        achTrace === null ? [] : [{ tenantId, locator, achTrace, cause: causes.get(locator)! }],
      ),
    );
  }

  /** Nobody waits for the money of a payment that is undone. */
  async undone(tx: Tx, events: readonly QuittanceEvent[]): Promise<void> {
    const payments = events.filter(isUndoing).map(projectionOf);
    if (payments.length === 0) return;
    await this.payments.upsert(tx, payments);
    const subjects = payments.map(({ tenantId, locator: id }) => ({ tenantId, subject: { type: 'payment', id } }));
    await this.exceptions.close(tx, subjects, ['payment_not_settled'], this.clock.now());
  }

  /** Who closed the month of a return has to hear that the money of that month came back. */
  async bookedLate(tx: Tx, entries: readonly BookedEntry[]): Promise<void> {
    await this.exceptions.open(tx, entries.flatMap(returnAfterClose), this.clock.now());
  }

  /** Refunds and disputes have names of their own at the processor. */
  async taken(tx: Tx, events: readonly QuittanceEvent[]): Promise<void> {
    const refunds = events.filter((event) => event.type === 'refund.succeeded');
    await this.items.add(tx, (refunds as QuittanceEvent<'refund.succeeded'>[]).flatMap(itemOfRefund));
    await this.settleLinked(tx, await this.payments.addReferences(tx, events.flatMap(referenceOfTaken)));
  }

  private async settleLinked(tx: Tx, linked: readonly { tenantId: string; id: string; batchId: string | null }[]) {
    if (linked.length === 0) return;
    const now = this.clock.now();
    const lines = linked.map(({ tenantId, id }) => ({ tenantId, subject: { type: 'settlement_item', id } }));
    await this.exceptions.close(tx, lines, ['settlement_item_unknown'], now);
    for (const tenantId of new Set(linked.map((line) => line.tenantId))) {
      const batches = linked.flatMap((line) => (line.tenantId === tenantId ? (line.batchId ?? []) : []));
      await this.settlements.settle(tx, tenantId, [...new Set(batches)], now);
    }
  }
}

function returnAfterClose({ tenantId, kind, source, lines, ...entry }: BookedEntry): Finding[] {
  const { effectiveOn, originalEffectiveOn: own } = entry;
  const [first] = lines;
  if (kind !== 'payment_returned' || own === null || !first) return [];
  const detail = `The return of ${own} came after its month was closed; it is booked on ${effectiveOn}.`;
  const minor = lines.reduce((sum, { amount }) => (amount > 0n ? sum + amount : sum), 0n);
  return [
    { tenantId, type: 'return_after_close', subject: source, detail, amount: { minor, currency: first.currency } },
  ];
}

function isUndoing(event: QuittanceEvent): event is PaymentNews {
  return event.type === 'payment.returned' || event.type === 'payment.reversed';
}

function referenceOf({ tenantId, locator, providerRef }: PaymentProjection): PaymentReference[] {
  return providerRef === null ? [] : [{ tenantId, reference: providerRef, paymentLocator: locator }];
}

function referenceOfTaken({ type, tenantid: tenantId, data }: QuittanceEvent): PaymentReference[] {
  const { providerRef, paymentLocator } = data as QuittanceEvent<'refund.succeeded'>['data'];
  const isTaken = type === 'refund.succeeded' || type.startsWith('dispute.');
  return isTaken && providerRef ? [{ tenantId, reference: providerRef, paymentLocator }] : [];
}
