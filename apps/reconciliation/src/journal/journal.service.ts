import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { MoneyError } from '@quittance/money/money';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { balanced, booked, mirrorOf } from '../domain/entry.ts';
import type { BookedEntry, Dependent, EntryKey, JournalEntry, Posting, Reversal } from '../domain/entry.ts';
import { DomainError } from '../domain/errors.ts';
import { toEvent } from './journal-event.ts';
import type { EntryFilter } from './entry-page.ts';
import { JournalRepository } from './journal.repository.ts';

/** An entry about to be booked, and the event that says so, where one does. */
interface Booking {
  readonly entry: JournalEntry;
  readonly cause?: QuittanceEvent;
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
   * @returns what was not booked before
   * @throws PoisonError when an original is missing: it stands before its reversal in the stream, so it is a dead
   * letter itself, and both are replayed in their order
   */
  async reverse<E extends QuittanceEvent>(
    tx: Tx,
    events: readonly E[],
    reversalOf: (event: E) => Reversal | null,
  ): Promise<BookedEntry[]> {
    const wanted = await this.withOriginals(tx, events, reversalOf);
    return this.book(
      tx,
      wanted.map(({ cause, read, original }) => ({
        cause,
        entry: forGood(() => mirrorOf(original, { ...read, id: newId() })),
      })),
    );
  }

  /**
   * Books what depends on an entry: a refund goes out by the account into which its payment came.
   * @throws PoisonError when that entry is missing: it is a dead letter itself, and both are replayed in their order
   */
  async postAfter<E extends QuittanceEvent>(
    tx: Tx,
    events: readonly E[],
    dependentOf: (event: E) => Dependent | null,
  ): Promise<void> {
    const wanted = await this.withOriginals(tx, events, dependentOf);
    await this.book(
      tx,
      wanted.map(({ cause, read, original }) => ({
        cause,
        entry: forGood(() => {
          const posting = read.posting(booked(original, read.of));
          return balanced({ ...posting, tenantId: cause.tenantid, id: newId(), reverses: null });
        }),
      })),
    );
  }

  private async withOriginals<E extends QuittanceEvent, R extends { readonly of: EntryKey }>(
    tx: Tx,
    events: readonly E[],
    readOf: (event: E) => R | null,
  ): Promise<{ cause: E; read: R; original: BookedEntry | undefined }[]> {
    const wanted = events.flatMap((cause) => {
      const read = forGood(() => readOf(cause));
      return read ? [{ cause, read }] : [];
    });
    const keys = wanted.map(({ cause, read }) => ({ tenantId: cause.tenantid, ...read.of }));
    const originals = await this.journal.findByKey(tx, keys);
    const byKey = new Map(originals.map((entry) => [textOf(entry.tenantId, entry), entry]));
    return wanted.map((each) => ({ ...each, original: byKey.get(textOf(each.cause.tenantid, each.read.of)) }));
  }

  /**
   * Books what no event says: what was read in a file, or a person decided.
   * @throws DomainError for a posting that does not balance
   */
  async record(tx: Tx, postings: readonly (Posting & { readonly tenantId: string })[]): Promise<void> {
    await this.book(
      tx,
      postings.map((posting) => ({ entry: balanced({ ...posting, id: newId(), reverses: null }) })),
    );
  }

  /**
   * Mirrors what was booked without an event, in the same way.
   * @throws DomainError `entry_not_booked`
   */
  async recordMirrors(tx: Tx, reversals: readonly (Reversal & { readonly tenantId: string })[]): Promise<void> {
    const keys = reversals.map(({ tenantId, of }) => ({ tenantId, ...of }));
    const originals = await this.journal.findByKey(tx, keys);
    const byKey = new Map(originals.map((entry) => [textOf(entry.tenantId, entry), entry]));
    const mirrors = reversals.map((reversal) => {
      const original = byKey.get(textOf(reversal.tenantId, reversal.of));
      return { entry: mirrorOf(original, { ...reversal, id: newId() }) };
    });
    await this.book(tx, mirrors);
  }

  page(tx: Tx, filter: EntryFilter): Promise<BookedEntry[]> {
    return this.journal.page(tx, filter);
  }

  /** The one way into the books. @returns what was not booked before */
  async book(tx: Tx, bookings: readonly Booking[]): Promise<BookedEntry[]> {
    if (bookings.length === 0) return [];
    const entries = bookings.map(({ entry }) => entry);
    const tenantIds = entries.map(({ tenantId }) => tenantId);
    const [, inserted] = await Promise.all([
      this.journal.ensureChart(tx, tenantIds),
      this.journal.insert(tx, entries, this.clock.now()),
    ]);
    const causes = new Map(bookings.map(({ entry, cause }) => [entry.id, cause]));
    const events = inserted.map((entry) => toEvent(entry, causes.get(entry.id)));
    await this.outbox.append(tx, events);
    return inserted;
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
