import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { MoneyError } from '@quittance/money/money';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import type { AccountBalance } from '../domain/chart.ts';
import { balanced, mirrorOf } from '../domain/entry.ts';
import type { BookedEntry, EntryKey, JournalEntry, Posting, Reversal } from '../domain/entry.ts';
import { DomainError } from '../domain/errors.ts';
import { toEvent } from './journal-event.ts';
import { JournalRepository } from './journal.repository.ts';
import type { EntryFilter } from './journal.repository.ts';

/** An entry about to be booked, and the event that says so. */
interface Booking {
  readonly entry: JournalEntry;
  readonly cause: QuittanceEvent;
}

/**
 * Double entry, append-only. Booking the same fact again is no error and changes nothing: kind and source are unique in
 * the database, beside the inbox.
 */
@Injectable()
export class JournalService {
  constructor(
    private readonly journal: JournalRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Books each event whose posting has lines, in one statement for the whole batch.
   * @throws PoisonError for a fact that the rules of the ledger refuse
   */
  async post<E extends QuittanceEvent>(tx: Tx, events: readonly E[], postingOf: (event: E) => Posting): Promise<void> {
    const bookings = events.flatMap((cause) =>
      forGood((): Booking[] => {
        const posting = postingOf(cause);
        if (posting.lines.length === 0) return [];
        const entry = balanced({ ...posting, tenantId: cause.tenantid, id: newId(), reverses: null });
        return [{ entry, cause }];
      }),
    );
    await this.book(tx, bookings);
  }

  /**
   * Books the mirror of each original.
   * @throws PoisonError when an original is missing: it stands before its reversal in the stream, so it is a dead
   * letter itself, and both are replayed in their order
   */
  async reverse<E extends QuittanceEvent>(
    tx: Tx,
    events: readonly E[],
    reversalOf: (event: E) => Reversal | null,
  ): Promise<void> {
    const wanted = events.flatMap((cause) => {
      const reversal = forGood(() => reversalOf(cause));
      return reversal ? [{ cause, reversal }] : [];
    });
    const keys = wanted.map(({ cause, reversal }) => ({ tenantId: cause.tenantid, ...reversal.of }));
    const originals = await this.journal.findByKey(tx, keys);
    const byKey = new Map(originals.map((entry) => [textOf(entry.tenantId, entry), entry]));
    const bookings = wanted.map(({ cause, reversal }): Booking => {
      const original = byKey.get(textOf(cause.tenantid, reversal.of));
      return { cause, entry: forGood(() => mirrorOf(original, { ...reversal, id: newId() })) };
    });
    await this.book(tx, bookings);
  }

  page(tx: Tx, filter: EntryFilter): Promise<BookedEntry[]> {
    return this.journal.page(tx, filter);
  }

  balances(tx: Tx): Promise<AccountBalance[]> {
    return this.journal.balances(tx);
  }

  private async book(tx: Tx, bookings: readonly Booking[]): Promise<void> {
    if (bookings.length === 0) return;
    const entries = bookings.map(({ entry }) => entry);
    const tenantIds = entries.map(({ tenantId }) => tenantId);
    const [, booked] = await Promise.all([
      this.journal.ensureChart(tx, tenantIds),
      this.journal.insert(tx, entries, this.clock.now()),
    ]);
    const causes = new Map(bookings.map(({ entry, cause }) => [entry.id, cause]));
    const events = booked.map((entry) => toEvent(entry, causes.get(entry.id)));
    await this.outbox.append(tx, events);
  }
}

/** What breaks a rule or names no amount breaks it on every try: no retry helps, and the books must not guess. */
function forGood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DomainError || error instanceof MoneyError) {
      throw new PoisonError(`${error.code}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

const textOf = (tenantId: string, { kind, source }: EntryKey) => [tenantId, kind, source.type, source.id].join(' ');
