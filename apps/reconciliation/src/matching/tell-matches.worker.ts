import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Worker } from '@quittance/service-kit/worker/worker';
import { differenceBooked } from '../domain/manual-match.ts';
import { setTraits } from '../domain/match-rules.ts';
import { JournalService } from '../journal/journal.service.ts';
import { MatchNews } from './match-news.service.ts';
import type { Match } from './match.ts';
import { ToldMatchRepository } from './told-match.repository.ts';

const EVERY_MS = 1_000;
const PORTION = 500;
const BOOKED = 'match_difference';

/**
 * Says what runs have matched, a portion at a time: a run of a million writes no million events in its transaction.
 * Where it has come to is written with the events, so each is said once. Books, too, what sides of a match differ by.
 */
@Injectable()
export class TellMatchesWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly matches: ToldMatchRepository,
    private readonly news: MatchNews,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {
    super('tell-matches', EVERY_MS);
  }

  protected async work(): Promise<number> {
    const told = await this.db.tx((tx) => this.tell(tx));
    const booked = await this.db.tx((tx) => this.book(tx));
    return told + booked;
  }

  private async tell(tx: Tx): Promise<number> {
    const run = await this.matches.claimRun(tx);
    if (!run) return 0;
    const found = await this.matches.next(tx, run, PORTION);
    await this.news.confirmed(tx, found, this.clock.now());
    await this.matches.told(tx, run, found.at(-1)?.id ?? run.toldThrough, found.length < PORTION);
    return 1;
  }

  private async book(tx: Tx): Promise<number> {
    const now = this.clock.now();
    const [done, undone] = [await this.matches.claimToBook(tx, PORTION), await this.matches.claimToMirror(tx, PORTION)];
    await this.journal.record(tx, done.filter(isOfBank).map(postingOf));
    await this.journal.recordMirrors(tx, undone.filter(isOfBank).map(mirrorOf));
    await this.matches.mark(tx, 'booked', done, now);
    await this.matches.mark(tx, 'mirrored', undone, now);
    return done.length + undone.length;
  }
}

/** In other sets nothing was booked that a difference could be of. */
const isOfBank = ({ set }: Match) => setTraits[set].isOfBank;
const sourceOf = ({ id }: Match) => ({ type: 'match', id });

function postingOf(match: Match) {
  const { tenantId, createdAt, diffMinor: minor, diffReason, amount } = match;
  const lines = differenceBooked({ minor, currency: amount.currency }, diffReason!);
  return { tenantId, kind: BOOKED, source: sourceOf(match), effectiveOn: dayOf(createdAt), lines };
}

function mirrorOf(match: Match) {
  const of = { kind: BOOKED, source: sourceOf(match) };
  const effectiveOn = dayOf(match.endedAt ?? match.createdAt);
  return { tenantId: match.tenantId, of, kind: 'match_difference_undone', source: sourceOf(match), effectiveOn };
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10);
