import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { InvoiceRepository } from '../invoices/invoice.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { ReceivableBook } from './receivable-book.ts';
import { ReceivableRepository } from './receivable.repository.ts';
import type { Receivable } from './receivable.repository.ts';

/** Opens a book of debts under the locks of their policies, and writes down what became of it. */
@Injectable()
export class ReceivablesService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly receivables: ReceivableRepository,
    private readonly schedules: ScheduleRepository,
    private readonly invoices: InvoiceRepository,
    private readonly instalments: InstalmentRepository,
    private readonly attempts: CollectionAttemptRepository,
  ) {}

  /** What is open of these policies. */
  openOf(tx: Tx, policies: readonly PolicyKey[]): Promise<ReceivableBook> {
    return this.open(tx, policies, () => this.receivables.open(tx, policies));
  }

  /** These invoices of these policies, whatever their state. */
  of(tx: Tx, policies: readonly PolicyKey[], invoices: readonly TenantKey[]): Promise<ReceivableBook> {
    return this.open(tx, policies, () => this.receivables.byInvoice(tx, invoices));
  }

  /** The policies of some invoices, to lock them by. */
  async policiesOf(tx: Tx, invoices: readonly TenantKey[]): Promise<PolicyKey[]> {
    const found = await this.receivables.byInvoice(tx, invoices);
    return found.map(({ invoice }) => ({ tenantId: invoice.tenantId, locator: invoice.policyLocator }));
  }

  async save(tx: Tx, book: ReceivableBook): Promise<void> {
    const changes = book.changes();
    const settled = changes.filter(({ now }) => now.instalment.state === 'paid');
    await Promise.all([
      this.invoices.update(
        tx,
        changes.map(({ now }) => now.invoice),
        changes.map(({ before }) => before.invoice.version),
      ),
      this.instalments.update(
        tx,
        changes.map(({ now }) => now.instalment),
        changes.map(({ before }) => before.instalment.version),
      ),
      this.schedules.updateProgress(tx, book.progress()),
      this.attempts.cancelWaiting(
        tx,
        settled.map(({ now }) => now.instalment),
      ),
    ]);
  }

  private async open(
    tx: Tx,
    policies: readonly PolicyKey[],
    load: () => Promise<Receivable[]>,
  ): Promise<ReceivableBook> {
    if (policies.length === 0) return new ReceivableBook([], []);
    // One round trip: a statement sees what was committed before it began, so the second sees what the lock waited for.
    const [, receivables] = await Promise.all([this.policies.lock(tx, policies), load()]);
    const schedules = new Map(
      receivables.map(({ instalment: { tenantId, scheduleId } }) => {
        const key = { tenantId, id: scheduleId };
        return [keyOf(key), key];
      }),
    );
    return new ReceivableBook(receivables, await this.schedules.coverage(tx, [...schedules.values()]));
  }
}
