import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { UpkeepRepository } from './upkeep.repository.ts';

const everyMs = 3_600_000;
const daysAhead = 7;

const strays = metrics.gauge(
  'webhook_default_partition_rows',
  'Messages and attempts outside of every daily partition',
);

/** Makes the coming days' partitions, a week ahead, so that a week of failing to make them loses nothing. */
@Injectable()
export class MaintainPartitionsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly upkeep: UpkeepRepository,
    private readonly clock: Clock,
  ) {
    super('maintain partitions', everyMs);
  }

  protected async work(): Promise<number> {
    const today = this.clock.now().toISOString().slice(0, 10);
    try {
      await this.db.tx((tx) => this.upkeep.createPartitions(tx, today, daysAhead));
    } finally {
      // Also when it failed: that is when rows fall beside the days.
      strays.set(await this.db.tx((tx) => this.upkeep.countStrays(tx)));
    }
    await this.db.tx((tx) => this.upkeep.forgetGaps(tx));
    return 0;
  }
}
