import { Injectable, Logger } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { AllocationRepository } from '../allocations/allocation.repository.ts';
import { eventOfBatch } from '../allocations/allocation-batch.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import { fundKey, UnappliedFundRepository } from '../allocations/unapplied-fund.repository.ts';
import { DomainError } from '../domain/errors.ts';
import type { FieldProblem } from '../domain/errors.ts';
import type { TenantKey } from '../domain/identity.ts';
import { isOpen } from '../domain/invoice.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import { unpayAll } from '../withdrawals/undone-batch.ts';
import { applySources } from './application.ts';
import type { Source, Target } from './application.ts';
import type { NewApplication, WantedInvoice } from './payment-application.view.ts';

/** Unapplied money that a person gives to invoices, and applications that a person undoes. */
@Injectable()
export class PaymentApplicationsService {
  private readonly log = new Logger(PaymentApplicationsService.name);

  constructor(
    private readonly payments: HeldPaymentsService,
    private readonly funds: UnappliedFundRepository,
    private readonly receivables: ReceivablesService,
    private readonly allocations: AllocationRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /**
   * One payment to many invoices, or the money of an owner, the oldest payments first, to one or more.
   * @throws DomainError `application_refused`, `funds_not_available`
   */
  async create(tx: Tx, tenantId: string, wanted: NewApplication): Promise<AllocationBatch[]> {
    const sources = await this.sources(tx, tenantId, wanted);
    const invoices = wanted.invoices.map(({ invoiceId: id }) => ({ tenantId, id }));
    const book = await this.receivables.of(tx, await this.accountsOf(tx, invoices), invoices);
    const available = sources.flatMap(({ shares }) => shares).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    const currency = sources[0]?.payment.received.currency ?? '';
    const targets = targetsOf(tenantId, { wanted: wanted.invoices, currency, available }, book);
    const nowOf = await this.time.of(tx, [tenantId]);
    const { timeZone } = book.get(invoices[0]!).policy;
    const occasion = { time: nowOf(tenantId) };
    const effectiveDate = localDate(occasion.time, timeZone);
    const { moved, batches, events } = applySources(sources, targets, { book, occasion, effectiveDate });
    await this.payments.save(tx, moved);
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, events)]);
    this.tell(tx, batches);
    return [...batches];
  }

  /**
   * All of an application: its invoices are owed again, its money is the policyholder's, unapplied.
   * @returns null when there is none
   * @throws DomainError `invalid_transition` when it was undone before
   */
  async reverse(tx: Tx, { tenantId, id }: TenantKey): Promise<AllocationBatch | null> {
    const payment = await this.allocations.paymentOf(tx, { tenantId, id });
    if (!payment) return null;
    const [held] = (await this.payments.lock(tx, [payment])).values();
    const applied = held?.batches.find((batch) => batch.id === id);
    if (!held || !applied) throw new DomainError('invalid_transition', 'It was undone before.', { allowedActions: [] });
    const { received } = held;
    const invoices = applied.invoices.map(({ invoiceId }) => ({ tenantId, id: invoiceId }));
    const book = await this.receivables.of(tx, await this.receivables.accountsOf(tx, invoices), invoices);
    const occasion = { time: (await this.time.of(tx, [tenantId]))(tenantId) };
    const effectiveDate = localDate(occasion.time, book.get(invoices[0]!).policy.timeZone);
    const { locator: paymentLocator, kind, currency } = received;
    const unappliedMinor = received.unappliedMinor + applied.amountMinor;
    const head = { tenantId, id: newId(), paymentLocator, kind, currency, occasion, effectiveDate };
    const batch = { ...head, invoices: applied.invoices, unappliedMinor, reverses: applied.id };
    const events = unpayAll(applied, { tenantId, occasion }, book);
    // The policyholder's: a policy's money pays what the policy owes by itself, and would undo this within a moment.
    const { policyholderLocator: ownerLocator } = book.get(invoices[0]!).policy;
    const owner = { tenantId, currency, ownerType: 'policyholder' as const, ownerLocator };
    const change = { ...owner, paymentLocator, kind, deltaMinor: applied.amountMinor, effectiveDate, occasion };
    await this.payments.save(tx, [
      {
        received: { ...received, allocatedMinor: received.allocatedMinor - applied.amountMinor, unappliedMinor },
        ...{ batches: [batch], funds: [change], suspense: { closed: [], opened: [] } },
        ...({ credited: 'credit.restored', occasion } as const),
      },
    ]);
    const said = [eventOfBatch(batch, book), ...events];
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, said)]);
    this.tell(tx, [batch]);
    return batch;
  }

  private async sources(tx: Tx, tenantId: string, { source }: NewApplication): Promise<Source[]> {
    if ('paymentLocator' in source) {
      const held = await this.payments.lock(tx, [{ tenantId, id: source.paymentLocator }]);
      return [...held.values()].map((payment) => ({ payment, shares: payment.shares }));
    }
    const owner = { tenantId, ...source };
    const held = await this.payments.lock(tx, await this.funds.paymentsOf(tx, owner));
    return [...held.values()].map((payment) => ({
      payment,
      shares: payment.shares.filter((share) => fundKey(share) === fundKey(owner)),
    }));
  }

  private async accountsOf(tx: Tx, invoices: readonly TenantKey[]) {
    const policies = await this.receivables.accountsOf(tx, invoices);
    if (policies.length === invoices.length) return policies;
    const found = new Set((await this.receivables.known(tx, invoices)).map(({ id }) => id));
    throw refused(
      invoices.flatMap(({ id }, index) =>
        found.has(id) ? [] : [{ pointer: `/invoices/${index}/invoiceLocator`, detail: 'is not known' }],
      ),
    );
  }

  private tell(tx: Tx, batches: readonly AllocationBatch[]): void {
    tx.afterCommit(() => {
      for (const { tenantId, id: batchId, paymentLocator, reverses, invoices } of batches) {
        const ids = { tenantId, batchId, paymentLocator, reverses, invoices: invoices.map((each) => each.invoiceId) };
        this.log.log(ids, reverses === null ? 'payment applied by hand' : 'application undone by hand');
      }
    });
  }
}

interface Wish {
  readonly wanted: readonly WantedInvoice[];
  readonly currency: string;
  readonly available: bigint;
}

/** An invoice without an amount takes what is left for it. */
function targetsOf(tenantId: string, { wanted, currency, available }: Wish, book: ReceivableBook): Target[] {
  const faults: FieldProblem[] = [];
  let left = available;
  const targets = wanted.map(({ invoiceId, amountIn }, index) => {
    const { invoice } = book.get({ tenantId, id: invoiceId });
    const pointer = `/invoices/${index}/${amountIn ? 'amount' : 'invoiceLocator'}`;
    const named = amountIn?.(invoice.currency, pointer);
    const most = named ?? (left < invoice.balanceMinor ? left : invoice.balanceMinor);
    if (available > 0n && invoice.currency !== currency) faults.push({ pointer, detail: `is not in ${currency}` });
    else if (!isOpen(invoice.state)) faults.push({ pointer, detail: `is ${invoice.state}` });
    else if (most > invoice.balanceMinor) faults.push({ pointer, detail: 'is more than is owed' });
    left -= most;
    return { invoiceId, amountMinor: most };
  });
  if (faults.length > 0) throw refused(faults);
  if (left < 0n || available === 0n) {
    const detail =
      available === 0n ? 'nothing is unapplied' : `only ${formatAmount({ minor: available, currency })} is`;
    throw new DomainError('funds_not_available', 'There is not that much unapplied.', {
      errors: [{ pointer: '/invoices', detail }],
    });
  }
  return targets;
}

function refused(errors: readonly FieldProblem[]): DomainError {
  return new DomainError('application_refused', 'The money cannot be applied like that.', { errors });
}
