import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { CommissionsService } from '../commissions/commissions.service.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { accountOf } from '../domain/invoice.ts';
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
    private readonly commissions: CommissionsService,
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
    return found.map(({ invoice }) => ({ tenantId: invoice.tenantId, locator: accountOf(invoice) }));
  }

  async save(tx: Tx, book: ReceivableBook): Promise<void> {
    const changes = book.changes();
    const instalments = changes.flatMap(({ before, now }) =>
      now.instalment && before.instalment ? [{ now: now.instalment, readVersion: before.instalment.version }] : [],
    );
    await Promise.all([
      this.invoices.update(
        tx,
        changes.map(({ now }) => now.invoice),
        changes.map(({ before }) => before.invoice.version),
      ),
      this.instalments.update(
        tx,
        instalments.map(({ now }) => now),
        instalments.map(({ readVersion }) => readVersion),
      ),
      this.schedules.updateProgress(tx, book.progress()),
      this.attempts.cancelWaiting(
        tx,
        instalments.map(({ now }) => now).filter(({ state }) => state === 'paid'),
      ),
      // Sent after the statements above, whose rows it reads.
      this.commissions.follow(tx, book.touched()),
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
      receivables.flatMap(({ instalment }) => {
        if (!instalment) return [];
        const key = { tenantId: instalment.tenantId, id: instalment.scheduleId };
        return [[keyOf(key), key] as const];
      }),
    );
    return new ReceivableBook(receivables, await this.schedules.coverage(tx, [...schedules.values()]));
  }
}
