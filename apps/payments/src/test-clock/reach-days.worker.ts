import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { TestClockService } from './test-clock.service.ts';

/**
 * Says `test_clock.reached` for every open day whose attempts all have an answer. A crash before the commit says
 * nothing.
 */
@Injectable()
export class ReachDaysWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly days: TestClockService,
    private readonly config: PaymentsConfig,
  ) {
    super('reach-days', config.allowTestClock ? 100 : 60_000);
  }

  protected work(): Promise<number> {
    if (!this.config.allowTestClock) return Promise.resolve(0);
    return this.db.tx((tx) => this.days.reach(tx));
  }
}
