import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { BillingConfig } from '../config.ts';
import { SweepService } from './sweep.service.ts';

/**
 * Releases what the policy-local date has made due, each instalment once: it leaves `scheduled`, and its events are
 * logged, in the transaction that locked it. Any number of instances may run; each skips what another has locked. After
 * a crash or an outage the next run finds what was missed, with its original due date.
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

  protected override async work(): Promise<number> {
    const released = await this.db.tx((tx) => this.sweep.run(tx, this.clock.now()));
    return released + (await this.db.tx((tx) => this.sweep.tidy(tx, this.clock.now())));
  }
}
