import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CommissionsService } from '../commissions/commissions.service.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { accountOf } from '../domain/invoice.ts';
import { InvoiceRepository } from '../invoices/invoice.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { SubscriptionBooks } from '../subscriptions/subscription-books.service.ts';
import { InstalmentDebts } from './instalment-debts.service.ts';
import { ReceivableBook } from './receivable-book.ts';
import { ReceivableRepository } from './receivable.repository.ts';
import type { AccountKey, Receivable } from './receivable.repository.ts';

/** Opens a book of debts under the locks of their accounts, and writes down what became of it. */
@Injectable()
export class ReceivablesService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly receivables: ReceivableRepository,
    private readonly schedules: ScheduleRepository,
    private readonly invoices: InvoiceRepository,
    private readonly instalments: InstalmentDebts,
    private readonly commissions: CommissionsService,
    private readonly subscriptions: SubscriptionBooks,
  ) {}

  /** What is open of these accounts. */
  openOf(tx: Tx, accounts: readonly AccountKey[]): Promise<ReceivableBook> {
    return this.open(tx, accounts, () => this.receivables.open(tx, accounts));
  }

  /** These invoices of these accounts, whatever their state. */
  of(tx: Tx, accounts: readonly AccountKey[], invoices: readonly TenantKey[]): Promise<ReceivableBook> {
    return this.open(tx, accounts, () => this.receivables.byInvoice(tx, invoices));
  }

  /** The accounts of some invoices, to lock them by. */
  async accountsOf(tx: Tx, invoices: readonly TenantKey[]): Promise<AccountKey[]> {
    const found = await this.receivables.byInvoice(tx, invoices);
    return found.map(({ invoice }) => ({
      tenantId: invoice.tenantId,
      locator: accountOf(invoice),
      isSubscription: invoice.policyLocator === null,
    }));
  }

  async save(tx: Tx, book: ReceivableBook): Promise<void> {
    const changes = book.changes();
    await Promise.all([
      this.invoices.update(
        tx,
        changes.map(({ now }) => now.invoice),
        changes.map(({ before }) => before.invoice.version),
      ),
      this.instalments.save(tx, changes),
      this.schedules.updateProgress(tx, book.progress()),
      this.subscriptions.save(tx, book.subscriptions),
      // Sent after the statements above, whose rows it reads.
      this.commissions.follow(tx, book.touched()),
    ]);
  }

  private async open(
    tx: Tx,
    accounts: readonly AccountKey[],
    load: () => Promise<Receivable[]>,
  ): Promise<ReceivableBook> {
    if (accounts.length === 0) return new ReceivableBook([], []);
    // One round trip: a statement sees what was committed before it began, so the last sees what the locks waited for.
    const [, , receivables] = await Promise.all([
      this.policies.lock(tx, accounts),
      this.subscriptions.lock(tx, accounts.flatMap(subscriptionOf)),
      load(),
    ]);
    const schedules = new Map(
      receivables.flatMap(({ instalment }) => {
        if (!instalment) return [];
        const key = { tenantId: instalment.tenantId, id: instalment.scheduleId };
        return [[keyOf(key), key] as const];
      }),
    );
    const periods = receivables.flatMap(({ invoice }) => (invoice.subscriptionId === null ? [] : [invoice]));
    const [coverages, subscriptions] = await Promise.all([
      this.schedules.coverage(tx, [...schedules.values()]),
      this.subscriptions.ofInvoices(tx, periods),
    ]);
    return new ReceivableBook(receivables, coverages, subscriptions);
  }
}

function subscriptionOf({ tenantId, locator: id, isSubscription = false }: AccountKey): TenantKey[] {
  return isSubscription ? [{ tenantId, id }] : [];
}
