import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { Providers } from '../providers/providers.ts';
import { ReachDaysWorker } from '../test-clock/reach-days.worker.ts';
import { AttemptsService } from './attempts.service.ts';
import { resolve } from './charge.ts';

/**
 * The janitor of attempts without an outcome: unknown, or submitted by a process that died. It asks the provider; an
 * answer is recorded, "never seen" is sent again under the same key, silence is asked again later, at last under an
 * alarm. Nothing is ever failed because time has passed.
 *
 * A crash after the claim: the attempt is asked about again when the lease ends.
 */
@Injectable()
export class ResolveUnknownWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly attempts: AttemptsService,
    private readonly providers: Providers,
    private readonly reacher: ReachDaysWorker,
    private readonly config: PaymentsConfig,
  ) {
    super('resolve-unknown', Math.min(1_000, config.unknownResolveAfterMs));
  }

  protected async work(): Promise<number> {
    const claimed = await this.db.tx((tx) => this.attempts.claimToCheck(tx, this.config.providerConcurrency));
    if (claimed.length === 0) return 0;
    await Promise.all(
      claimed.map(async (attempt) => {
        const outcome = await resolve(this.providers, attempt);
        // One by one: an answer must not wait for its neighbour's silence.
        await this.db.tx((tx) => this.attempts.record(tx, [{ attempt, outcome }]));
      }),
    );
    this.reacher.kick();
    return claimed.length;
  }
}
