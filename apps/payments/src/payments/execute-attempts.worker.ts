import { Injectable, Logger } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import type { Attempt } from '../domain/attempt.ts';
import { Providers } from '../providers/providers.ts';
import { ReachDaysWorker } from '../test-clock/reach-days.worker.ts';
import { AttemptsService } from './attempts.service.ts';
import type { AttemptResult } from './attempts.service.ts';
import { charge } from './charge.ts';

/**
 * Charges what is due: claim (committed as `submitted`) → provider → record, with a bounded number under way.
 *
 * - crash before the claim commits: nothing was sent
 * - crash after it: the attempt is `submitted` with nobody to answer for it; `ResolveUnknownWorker` asks the provider
 *   before anything is sent again
 * - a slow provider holds its own slot only: whatever has answered is recorded in the meantime, many in one commit
 */
@Injectable()
export class ExecuteAttemptsWorker extends Worker {
  private readonly logger = new Logger(ExecuteAttemptsWorker.name);
  private readonly underWay = new Set<Promise<void>>();
  private answered: AttemptResult[] = [];
  private recording: Promise<void> | undefined;

  constructor(
    private readonly db: Database,
    private readonly attempts: AttemptsService,
    private readonly providers: Providers,
    private readonly reacher: ReachDaysWorker,
    private readonly config: PaymentsConfig,
  ) {
    super('execute-attempts', 250);
  }

  protected async work(): Promise<number> {
    const free = this.config.providerConcurrency - this.underWay.size;
    if (free === 0) return 0;
    const claimed = await this.db.tx((tx) => this.attempts.claimCreated(tx, free));
    for (const attempt of claimed) this.begin(attempt);
    return claimed.length;
  }

  /** Also waits for the charges under way, each bounded by the provider's deadline, and for their records. */
  override async stop(): Promise<void> {
    await super.stop();
    while (this.underWay.size > 0 || this.recording) {
      await Promise.all([...this.underWay, this.recording]);
    }
  }

  private begin(attempt: Attempt): void {
    const call = charge(this.providers, attempt).then((outcome) => {
      this.answered.push({ attempt, outcome });
      this.underWay.delete(call);
      this.recording ??= this.record().finally(() => (this.recording = undefined));
      this.kick();
    });
    this.underWay.add(call);
  }

  private async record(): Promise<void> {
    while (this.answered.length > 0) {
      const results = this.answered;
      this.answered = [];
      try {
        await this.db.tx((tx) => this.attempts.record(tx, results));
        this.reacher.kick();
      } catch (error) {
        // What is not recorded stays `submitted`, and the provider still knows: the resolver brings it in.
        this.logger.error({ err: error, attempts: results.length }, 'outcomes not recorded');
      }
    }
  }
}
