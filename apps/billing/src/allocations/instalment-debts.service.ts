import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import type { Receivable } from './receivable.repository.ts';

/** Writes down what became of the instalments among some debts: what is paid is not tried again. */
@Injectable()
export class InstalmentDebts {
  constructor(
    private readonly instalments: InstalmentRepository,
    private readonly attempts: CollectionAttemptRepository,
  ) {}

  async save(tx: Tx, changes: readonly { readonly before: Receivable; readonly now: Receivable }[]): Promise<void> {
    const instalments = changes.flatMap(({ before, now }) =>
      now.instalment && before.instalment ? [{ now: now.instalment, readVersion: before.instalment.version }] : [],
    );
    await Promise.all([
      this.instalments.update(
        tx,
        instalments.map(({ now }) => now),
        instalments.map(({ readVersion }) => readVersion),
      ),
      this.attempts.cancelWaiting(
        tx,
        instalments.map(({ now }) => now).filter(({ state }) => state === 'paid'),
      ),
    ]);
  }
}
