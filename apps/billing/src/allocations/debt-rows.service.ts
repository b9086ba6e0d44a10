import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { InvoiceRepository } from '../invoices/invoice.repository.ts';
import type { Receivable } from './receivable.repository.ts';

/** Writes down what became of invoices and their instalments: what nobody owes any more is not collected again. */
@Injectable()
export class DebtRows {
  constructor(
    private readonly invoices: InvoiceRepository,
    private readonly instalments: InstalmentRepository,
    private readonly attempts: CollectionAttemptRepository,
  ) {}

  async save(tx: Tx, changes: readonly { readonly before: Receivable; readonly now: Receivable }[]): Promise<void> {
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
      this.attempts.cancelWaiting(
        tx,
        instalments.map(({ now }) => now).filter(({ state }) => state === 'paid' || state === 'written_off'),
      ),
    ]);
  }
}
