import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { BillingConfig } from '../config.ts';
import { SweepService, sweepPasses } from './sweep.service.ts';

/**
 * Does what the policy-local date brings, each instalment once: it is billed, and announced, in the transaction that
 * locked it and logs the events. Any number of instances may run; each skips what another has locked. After a crash or
 * an outage the next run finds what was missed, with its original due date.
 */
@Injectable()
export class ReleaseDueWorker extends Worker {
  constructor(
    private readonly sweep: SweepService,
    private readonly db: Database,
    private readonly clock: Clock,
    config: BillingConfig,
  ) {
    super('release-due', config.dueSweepEveryMs);
  }

  /** A batch of each pass: what fails in one of them keeps none of the others. */
  protected override async work(): Promise<number> {
    const failures: unknown[] = [];
    let done = 0;
    for (const pass of sweepPasses) {
      try {
        const time = { now: this.clock.now(), tenantId: null };
        done += await this.db.tx((tx) => this.sweep.run(tx, pass, time));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return done;
  }
}
