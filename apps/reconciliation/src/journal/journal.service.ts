import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { balanced, mirrorOf } from '../domain/entry.ts';
import type { JournalEntry, JournalLine } from '../domain/entry.ts';
import { DomainError } from '../domain/errors.ts';
import { toEvent } from './journal-event.ts';
import { JournalRepository } from './journal.repository.ts';
import type { AccountBalance, BookedEntry, EntryFilter } from './journal.repository.ts';

/** What a fact of another service is in the books: the lines, under the kind and source that make it unique. */
export interface Posting<E extends QuittanceEvent = QuittanceEvent> {
  readonly event: E;
  readonly kind: string;
  readonly source: { readonly type: string; readonly id: string };
  readonly effectiveOn: string;
  readonly lines: readonly JournalLine[];
}

/** An undoing: the entry `of` is found by kind and source and mirrored. */
export interface Reversal extends Omit<Posting, 'lines'> {
  readonly of: { readonly kind: string; readonly source: { readonly type: string; readonly id: string } };
}

/**
 * Double entry, append-only. Booking the same fact again is no error and changes nothing: the source is unique in the
 * database, beside the inbox.
 */
@Injectable()
export class JournalService {
  constructor(
    private readonly journal: JournalRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Books each posting that has lines, in one statement for the whole batch. */
  async post(tx: Tx, postings: readonly Posting[]): Promise<void> {
    const booked = postings.filter(({ lines }) => lines.length > 0);
    const entries = booked.map((posting) => balanced({ ...head(posting), reverses: null, lines: posting.lines }));
    await this.book(tx, entries, causes(entries, booked));
  }

  /** Books the mirror of each original. @throws DomainError `entry_not_booked` when an original is missing */
  async reverse(tx: Tx, reversals: readonly Reversal[]): Promise<void> {
    const originals = await this.journal.findBySource(
      tx,
      reversals.map(({ event, of }) => ({ tenantId: event.tenantid, kind: of.kind, ...of.source })),
    );
    const byKey = new Map(originals.map((entry) => [keyOf(entry.tenantId, entry), entry]));
    const entries = reversals.map((reversal) => {
      const original = byKey.get(keyOf(reversal.event.tenantid, reversal.of));
      if (!original) {
        throw new DomainError('entry_not_booked', `No ${reversal.of.kind} of ${reversal.of.source.id} is booked.`);
      }
      return mirrorOf(original, head(reversal));
    });
    await this.book(tx, entries, causes(entries, reversals));
  }

  page(tx: Tx, filter: EntryFilter): Promise<BookedEntry[]> {
    return this.journal.page(tx, filter);
  }

  balances(tx: Tx): Promise<AccountBalance[]> {
    return this.journal.balances(tx);
  }

  private async book(tx: Tx, entries: readonly JournalEntry[], cause: Map<string, QuittanceEvent>): Promise<void> {
    if (entries.length === 0) return;
    const [, booked] = await Promise.all([
      this.journal.ensureChart(
        tx,
        entries.map(({ tenantId }) => tenantId),
      ),
      this.journal.insert(tx, entries, this.clock.now()),
    ]);
    await this.outbox.append(
      tx,
      booked.map((entry) => toEvent(entry, cause.get(entry.id))),
    );
  }
}

function head({ event, kind, source, effectiveOn }: Omit<Posting, 'lines'>) {
  return { tenantId: event.tenantid, id: newId(), kind, source, effectiveOn };
}

const causes = (entries: readonly JournalEntry[], postings: readonly { event: QuittanceEvent }[]) =>
  new Map(entries.map((entry, index) => [entry.id, postings[index]!.event]));

const keyOf = (tenantId: string, { kind, source }: { kind: string; source: { type: string; id: string } }) =>
  [tenantId, kind, source.type, source.id].join(' ');
