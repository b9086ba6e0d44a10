import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { MatchingService } from './matching.service.ts';
import type { RunOrder } from './matching.service.ts';
import { ReconRunRepository } from './recon-run.repository.ts';

const EVERY_MS = 1_000;
/** Of so many news the indexes are of no more use. */
const NEWS_MAX = 50_000;
const DAY_MS = 86_400_000;
/** So long runs of news are kept, and so often the oldest are looked for. */
const KEPT_MS = 30 * DAY_MS;
const FORGET_EVERY_MS = 3_600_000;

/**
 * Runs what somebody asked for, then what came in, set by set, then what nobody looked at for a day. Each run is a
 * transaction with its claim: who dies in it leaves everything as it was.
 */
@Injectable()
export class RunMatchingWorker extends Worker {
  private readonly logger = new Logger(RunMatchingWorker.name);
  private forgotAt = 0;

  constructor(
    private readonly db: Database,
    private readonly matching: MatchingService,
    private readonly runs: ReconRunRepository,
    private readonly clock: Clock,
  ) {
    super('run-matching', EVERY_MS);
  }

  protected async work(): Promise<number> {
    if (await this.runAsked()) return 1;
    const now = this.clock.now().getTime();
    if (now - this.forgotAt >= FORGET_EVERY_MS) await this.forget(now);
    const since = new Date(now - DAY_MS);
    const [news, stale] = await this.db.tx((tx) =>
      Promise.all([this.runs.withNews(tx), this.runs.notSince(tx, since)]),
    );
    const orders = [
      ...news.map(({ tenantId, set, news: n }) => ({ tenantId, set, kind: n > NEWS_MAX ? 'full' : 'news' }) as const),
      ...stale.map(({ tenantId, set }) => ({ tenantId, set, kind: 'full' }) as const),
    ];
    for (const order of orders) await this.runOne(order);
    return orders.length;
  }

  private async forget(now: number): Promise<void> {
    await this.db.tx((tx) => this.runs.forget(tx, new Date(now - KEPT_MS)));
    this.forgotAt = now;
  }

  private runAsked(): Promise<boolean> {
    return this.db.tx(async (tx) => {
      const asked = await this.runs.claim(tx);
      if (asked) await this.matching.run(tx, asked);
      return asked !== null;
    });
  }

  private async runOne(order: RunOrder): Promise<void> {
    const counts = await this.db.tx((tx) => this.matching.run(tx, order));
    this.logger.log({ tenantId: order.tenantId, set: order.set, kind: order.kind, ...counts }, 'matched');
  }
}
