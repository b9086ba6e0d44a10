import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { chart } from '../domain/chart.ts';
import { balanced, mirrorOf } from '../domain/entry.ts';
import type { BookedEntry } from '../domain/entry.ts';
import { DomainError } from '../domain/errors.ts';
import { manualEntry, manualReversal } from '../domain/manual-entry.ts';
import type { NewEntry } from '../domain/manual-entry.ts';
import { JournalRepository } from './journal.repository.ts';
import { JournalService } from './journal.service.ts';

export interface Author {
  readonly tenantId: string;
  readonly clientId: string;
}

export interface Undoing {
  readonly effectiveOn: string | undefined;
  readonly description: string | undefined;
}

/** Entries that a person books, by the way of all others. */
@Injectable()
export class ManualEntriesService {
  constructor(
    private readonly journal: JournalService,
    private readonly repository: JournalRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `account_not_defined`, `entry_unbalanced` */
  async create(tx: Tx, { tenantId, clientId: bookedBy }: Author, wanted: NewEntry): Promise<BookedEntry> {
    const id = newId();
    const effectiveOn = wanted.effectiveOn ?? this.today();
    // A tenant's chart is a copy of this one, made by its first entry: there is nothing to ask the database.
    const posting = manualEntry({ ...wanted, id, bookedBy, effectiveOn }, chart);
    const [entry] = await this.journal.book(tx, [{ entry: balanced({ ...posting, tenantId, id, reverses: null }) }]);
    return entry!;
  }

  /**
   * @returns the entry that undoes it; undefined where there is none to undo
   * @throws DomainError `entry_not_reversible`
   */
  async reverse(tx: Tx, id: string, undoing: Undoing & { bookedBy: string }): Promise<BookedEntry | undefined> {
    const original = await this.repository.find(tx, id);
    if (!original) return undefined;
    const { effectiveOn = this.today(), description = original.description ?? null, bookedBy } = undoing;
    const reversal = manualReversal(original, effectiveOn);
    const entry = { ...mirrorOf(original, { ...reversal, id: newId() }), description, bookedBy };
    const [booked] = await this.journal.book(tx, [{ entry }]);
    if (!booked) throw new DomainError('entry_not_reversible', 'The entry is reversed already.');
    return booked;
  }

  find(tx: Tx, id: string): Promise<BookedEntry | undefined> {
    return this.repository.find(tx, id);
  }

  private today(): string {
    return this.clock.now().toISOString().slice(0, 10);
  }
}
