import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { accountOf } from '../domain/invoice.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { SubscriptionBooks } from '../subscriptions/subscription-books.service.ts';
import { DebtRulesService } from '../write-offs/debt-rules.service.ts';
import { DebtRows } from './debt-rows.service.ts';
import { ReceivableBook } from './receivable-book.ts';
import { ReceivableRepository } from './receivable.repository.ts';
import type { AccountKey, Receivable } from './receivable.repository.ts';
import { TouchedPolicies } from './touched-policies.service.ts';

/** Opens a book of debts under the locks of their accounts, and writes down what became of it. */
@Injectable()
export class ReceivablesService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly receivables: ReceivableRepository,
    private readonly schedules: ScheduleRepository,
    private readonly rows: DebtRows,
    private readonly touched: TouchedPolicies,
    private readonly rules: DebtRulesService,
    private readonly subscriptions: SubscriptionBooks,
  ) {}

  /** What is open of these accounts. */
  openOf(tx: Tx, accounts: readonly AccountKey[]): Promise<ReceivableBook> {
    return this.open(tx, accounts, { invoices: [], load: () => this.receivables.open(tx, accounts) });
  }

  /** These invoices of these accounts, whatever their state. */
  of(tx: Tx, accounts: readonly AccountKey[], invoices: readonly TenantKey[]): Promise<ReceivableBook> {
    return this.open(tx, accounts, { invoices, load: () => this.receivables.byInvoice(tx, invoices) });
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

  /** Those of these invoices that there are. */
  async known(tx: Tx, invoices: readonly TenantKey[]): Promise<TenantKey[]> {
    return (await this.receivables.byInvoice(tx, invoices)).map(({ invoice }) => invoice);
  }

  async save(tx: Tx, book: ReceivableBook): Promise<void> {
    await Promise.all([
      this.rows.save(tx, book.changes()),
      this.schedules.updateProgress(tx, book.progress()),
      this.rules.save(tx, book.rules.writeOffs),
      this.subscriptions.save(tx, book.subscriptions),
      // Sent after the statements above, whose rows it reads.
      this.touched.follow(tx, book.touched()),
    ]);
  }

  private async open(tx: Tx, accounts: readonly AccountKey[], { invoices, load }: Wanted): Promise<ReceivableBook> {
    const tenantIds = accounts.map(({ tenantId }) => tenantId);
    if (accounts.length === 0) return new ReceivableBook([], [], await this.rules.read(tx, tenantIds, invoices));
    // One round trip: a statement sees what was committed before it began, so the ones after the locks see what those
    // waited for.
    const [, , receivables, rules] = await Promise.all([
      this.policies.lock(tx, accounts),
      this.subscriptions.lock(tx, accounts.flatMap(subscriptionOf)),
      load(),
      this.rules.read(tx, tenantIds, invoices),
    ]);
    const periods = receivables.flatMap(({ invoice }) => (invoice.subscriptionId === null ? [] : [invoice]));
    const [coverages, subscriptions] = await Promise.all([
      this.schedules.coverage(tx, schedulesOf(receivables)),
      this.subscriptions.ofInvoices(tx, periods),
    ]);
    return new ReceivableBook(receivables, coverages, rules, subscriptions);
  }
}

interface Wanted {
  /** Of which it matters what was forgiven of them before. */
  readonly invoices: readonly TenantKey[];
  readonly load: () => Promise<Receivable[]>;
}

function schedulesOf(receivables: readonly Receivable[]): TenantKey[] {
  const keys = receivables.flatMap(({ instalment }) =>
    instalment ? [{ tenantId: instalment.tenantId, id: instalment.scheduleId }] : [],
  );
  return [...new Map(keys.map((key) => [keyOf(key), key])).values()];
}

function subscriptionOf({ tenantId, locator: id, isSubscription = false }: AccountKey): TenantKey[] {
  return isSubscription ? [{ tenantId, id }] : [];
}
