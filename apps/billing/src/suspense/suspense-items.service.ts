import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { eventOfBatch } from '../allocations/allocation-batch.ts';
import type { Occasion } from '../allocations/occasion.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import { openInvoice } from '../allocations/debt.ts';
import { ReferenceRepository } from '../allocations/reference.repository.ts';
import { allocate } from '../domain/allocation.ts';
import { DomainError } from '../domain/errors.ts';
import { isOpen } from '../domain/invoice.ts';
import { writeOffParts } from '../domain/write-off.ts';
import { AssessedFeeRepository } from '../delinquency/assessed-fee.repository.ts';
import type { AssessedLateFee } from '../delinquency/assessed-fee.repository.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { accountsOf, destinationOf, isMeant, ownerOf } from '../domain/receipt.ts';
import type { Destination } from '../domain/receipt.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { HeldPayment } from '../withdrawals/held-payment.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import type { FoundOwner, SuspensePage, SuspenseView } from './suspense-item.view.ts';
import { SuspenseSearchRepository } from './suspense-search.repository.ts';

/** Money whose owner somebody looks for, and finds. */
@Injectable()
export class SuspenseItemsService {
  private readonly log = new Logger(SuspenseItemsService.name);

  constructor(
    private readonly search: SuspenseSearchRepository,
    private readonly payments: HeldPaymentsService,
    private readonly references: ReferenceRepository,
    private readonly fees: AssessedFeeRepository,
    private readonly receivables: ReceivablesService,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  find(tx: Tx, key: TenantKey): Promise<SuspenseView | null> {
    return this.search.find(tx, key);
  }

  page(tx: Tx, tenantId: string, page: SuspensePage): Promise<SuspenseView[]> {
    return this.search.page(tx, tenantId, page);
  }

  /**
   * It pays what its owner owes as if that had been known when it came: by the date on which it was received, so that
   * nobody is late because we did not know whose it was, and pays a fee for that.
   * @returns null when there is no such item
   * @throws DomainError `invalid_transition`, `application_refused`
   */
  async apply(tx: Tx, key: TenantKey, owner: FoundOwner): Promise<SuspenseView | null> {
    const found = await this.search.find(tx, key);
    if (!found) return null;
    const payment = { tenantId: key.tenantId, id: found.paymentLocator };
    const held = (await this.payments.lock(tx, [payment])).get(keyOf(payment));
    const item = held?.items.find(({ id }) => id === key.id);
    if (!held || !item) throw notOpen(await this.search.find(tx, key));
    const destination = await this.destination(tx, found, owner);
    const accounts = accountsOf(destination).map((account) => ({ tenantId: key.tenantId, ...account }));
    const book = await this.receivables.openOf(tx, accounts);
    const nowOf = await this.time.of(tx, [key.tenantId]);
    const lateFees = await this.fees.lateFees(tx, accounts);
    const work = { held, item, destination, lateFees, occasion: { time: nowOf(key.tenantId) } };
    const { moved, events, batchId } = applied(work, book);
    await this.payments.save(tx, [moved]);
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, events)]);
    const { currency, amountMinor } = item;
    tx.afterCommit(() => {
      const ids = { tenantId: key.tenantId, suspenseId: key.id, paymentLocator: payment.id, batchId, ...owner };
      this.log.log({ ...ids, amountMinor: Number(amountMinor), currency }, 'suspense applied');
    });
    return this.search.find(tx, key);
  }

  private async destination(tx: Tx, { tenantId, currency }: SuspenseView, owner: FoundOwner): Promise<Destination> {
    const [known] = await this.references.resolve(tx, [{ tenantId, currency, ...owner }]);
    const nothing = { policyholderIsKnown: false, policyLocators: [] };
    const destination = destinationOf(owner, known ?? nothing, currency);
    if (destination.kind !== 'suspense') return destination;
    const pointer = `/${Object.keys(owner)[0] ?? ''}`;
    const detail = destination.reason === 'currency_mismatch' ? `is not in ${currency}` : 'is not known';
    throw new DomainError('application_refused', 'The money cannot be applied to that.', {
      errors: [{ pointer, detail }],
    });
  }
}

interface Work {
  readonly held: HeldPayment;
  readonly item: HeldPayment['items'][number];
  readonly destination: Destination;
  readonly lateFees: readonly AssessedLateFee[];
  readonly occasion: Occasion;
}

function applied({ held: { received }, item, destination, lateFees, occasion }: Work, book: ReceivableBook) {
  const { tenantId, locator: paymentLocator, kind, currency, effectiveDate } = received;
  const open = accountsOf(destination).flatMap(({ locator }) => book.open({ tenantId, locator }));
  const named = open.filter((invoice) => isMeant(invoice, destination));
  // Would never have been charged, had we known.
  const unjust = lateFees.filter(
    ({ assessedOn, debtId }) => effectiveDate < assessedOn && named.some(({ id }) => id === debtId),
  );
  const meant = named.filter(({ id }) => !unjust.some(({ invoiceId }) => invoiceId === id));
  const allocated = allocate(item.amountMinor, meant, book.planOf(tenantId));
  const head = { tenantId, id: newId(), paymentLocator, kind, currency, effectiveDate, occasion, reverses: null };
  const batch = { ...head, ...allocated };
  const { invoices, unappliedMinor } = allocated;
  const paid = invoices.flatMap(({ invoiceId: id, items }) => book.pay({ tenantId, id }, items, occasion));
  const waived = unjust.flatMap((fee) => waive(fee, book, occasion));
  const owner = ownerOf(destination);
  const fund = { tenantId, currency, paymentLocator, kind, deltaMinor: unappliedMinor, effectiveDate, occasion };
  const isPaid = invoices.length > 0;
  return {
    batchId: isPaid ? batch.id : null,
    events: isPaid ? [eventOfBatch(batch, book), ...paid, ...waived] : [],
    moved: {
      received: {
        ...received,
        suspendedMinor: received.suspendedMinor - item.amountMinor,
        allocatedMinor: received.allocatedMinor + item.amountMinor - unappliedMinor,
        unappliedMinor: received.unappliedMinor + unappliedMinor,
      },
      batches: isPaid ? [batch] : [],
      funds: owner && unappliedMinor > 0n ? [{ ...fund, ...owner }] : [],
      suspense: { closed: [], applied: [{ ...item, occasion }], opened: [] },
    },
  };
}

/** Where its debt is paid, and nothing of it was. */
function waive({ tenantId, debtId, invoiceId: id }: AssessedLateFee, book: ReceivableBook, occasion: Occasion) {
  const [debt, fee] = [book.get({ tenantId, id: debtId }).invoice, book.openIn({ tenantId, id })];
  if (isOpen(debt.state) || !fee || fee.balanceMinor !== fee.totalMinor) return [];
  const parts = writeOffParts(openInvoice(fee).items, { kind: 'all' });
  return book.writeOff({ tenantId, id }, parts, { reason: 'Its debt was paid in time.', occasion })[1];
}

function notOpen(item: SuspenseView | null): DomainError {
  return new DomainError('invalid_transition', `Money in suspense that is ${item?.state} cannot be applied.`, {
    allowedActions: [],
  });
}
