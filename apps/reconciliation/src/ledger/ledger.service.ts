import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PeriodsService } from '../periods/periods.service.ts';
import { BatchRepository } from './batch.repository.ts';
import type { BatchPage } from './batch.repository.ts';
import { sealed } from './batch.ts';
import type { Batch } from './batch.ts';

/** Numbers, not entries: a step is as large whatever was rolled back among them. */
const STEP = 5_000;

/**
 * Follows the journal: adds its lines up by day and seals its entries, each once and in their order.
 *
 * An entry draws its number before it is committed, so a number below those that are seen may still appear. Its
 * transaction has had its own number by then (`HOLD_PERIODS`): once all that had one before ours are over, nothing can
 * appear any more up to the entry that was the last drawn before we got it. One that takes long only lets the roll-ups
 * fall behind; a balance adds up what is not in them.
 *
 * All of a step is one transaction under one row, which also tells how far it came: a crash leaves nothing or all.
 */
@Injectable()
export class LedgerService {
  private settledSeq = 0;
  private waiting: { readonly seq: number; readonly own: bigint } | undefined;

  constructor(
    private readonly db: Database,
    private readonly batches: BatchRepository,
    private readonly periods: PeriodsService,
    private readonly clock: Clock,
  ) {}

  /** @returns whether there is more to do at once */
  async follow(): Promise<boolean> {
    await this.settle();
    return this.db.tx(async (tx) => {
      const after = await this.batches.claim(tx);
      if (after === undefined) return false;
      // A month is sealed as it was when it was closed, so a step ends there.
      const closing = await this.periods.nextClosing(tx, after);
      const through = Math.max(after, Math.min(this.settledSeq, after + STEP, closing ?? Infinity));
      if (through > after) await this.step(tx, after, through);
      const closed = await this.periods.seal(tx, through);
      return through < this.settledSeq || closed > 0;
    });
  }

  proof(tx: Tx, page: BatchPage): Promise<Batch[]> {
    return this.batches.page(tx, page);
  }

  private async step(tx: Tx, after: number, through: number): Promise<void> {
    const [leaves] = await Promise.all([
      this.batches.leaves(tx, after, through),
      this.batches.rollUp(tx, after, through),
      this.batches.advance(tx, through),
    ]);
    const latest = await this.batches.latest(tx, [...new Set(leaves.map(({ tenantId }) => tenantId))]);
    const now = this.clock.now();
    await this.batches.seal(tx, sealed(leaves, latest, now), now);
  }

  private async settle(): Promise<void> {
    const { seq, oldest, own } = await this.db.tx(async (tx) => {
      // In this order: who drew a number up to `seq` has one of a transaction that is below ours.
      const drawn = await this.batches.lastDrawn(tx);
      return { seq: drawn, ...(await this.batches.moment(tx)) };
    });
    if (this.waiting && oldest >= this.waiting.own) {
      this.settledSeq = this.waiting.seq;
      this.waiting = undefined;
    }
    if (oldest >= own) this.settledSeq = seq;
    else this.waiting ??= { seq, own };
  }
}
