import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { HeldPayment } from './held-payment.ts';
import { HeldPaymentsService } from './held-payments.service.ts';
import { unallocate } from './unallocate.ts';

export interface Undone {
  readonly policy: PolicyKey;
  readonly invoices: readonly TenantKey[];
  /** Every source of money that pays any of them, locked before the policy was. */
  readonly held: ReadonlyMap<string, HeldPayment>;
  readonly occasion: Occasion;
}

/** Invoices that are owed no more: what was paid on them is unapplied, and they are void. */
@Injectable()
export class UndoneInvoicesService {
  constructor(
    private readonly payments: HeldPaymentsService,
    private readonly receivables: ReceivablesService,
    private readonly outbox: Outbox,
  ) {}

  /** @returns how much money is unapplied by it */
  async undo(tx: Tx, { policy, invoices, held, occasion }: Undone): Promise<bigint> {
    if (invoices.length === 0) return 0n;
    const wanted = new Set(invoices.map(({ id }) => id));
    const touched = [...held.values()].flatMap(({ received: { tenantId }, batches }) =>
      batches
        .filter((batch) => batch.invoices.some(({ invoiceId }) => wanted.has(invoiceId)))
        .flatMap((batch) => batch.invoices.map(({ invoiceId: id }) => ({ tenantId, id }))),
    );
    const all = new Map([...invoices, ...touched].map((key) => [keyOf(key), key]));
    // A payment may have paid other policies with the same application: theirs are written, too.
    const policies = [policy, ...(await this.receivables.accountsOf(tx, [...all.values()]))];
    const book = await this.receivables.of(tx, policies, [...all.values()]);
    const taken = [...held.values()].flatMap((payment) => unallocate(payment, wanted, book, occasion) ?? []);
    const voided = invoices.flatMap((key) => book.void(key, occasion));
    await this.payments.save(
      tx,
      taken.map(({ moved }) => moved),
    );
    await Promise.all([
      this.receivables.save(tx, book),
      this.outbox.append(tx, [...taken.flatMap(({ events }) => events), ...voided]),
    ]);
    return taken.reduce(
      (sum, { moved }) => sum + moved.funds.reduce((own, { deltaMinor }) => own + deltaMinor, 0n),
      0n,
    );
  }
}
