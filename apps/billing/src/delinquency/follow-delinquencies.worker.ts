import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { BillingConfig } from '../config.ts';
import { DelinquencySweepService } from './delinquency-sweep.service.ts';

/**
 * Takes the steps that the policy-local date, or the instant of a notice, has made due: each once, since it is taken
 * and told in the transaction that locked the policy, and what it leaves is not due any more. Any number of instances
 * may run; each skips what another has locked. After a crash or an outage the next run takes the steps that were
 * missed, in their order, and a notice is worth only what the day of its mailing makes it worth.
 */
@Injectable()
export class FollowDelinquenciesWorker extends Worker {
  constructor(
    private readonly sweep: DelinquencySweepService,
    private readonly db: Database,
    private readonly clock: Clock,
    config: BillingConfig,
  ) {
    super('follow-delinquencies', config.dueSweepEveryMs);
  }

  protected override async work(): Promise<number> {
    const { done } = await this.db.tx((tx) => this.sweep.run(tx, this.clock.now()));
    return done;
  }
}
