import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { HealthService } from './health.service.ts';

const everyMs = 5_000;
const batchMax = 50;

/**
 * Notices and disabling are due by time, not by traffic: the next attempt may be a day away. One transaction an
 * endpoint; several processes may watch, the row decides. An endpoint that never failed has none.
 */
@Injectable()
export class WatchHealthWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly health: HealthService,
  ) {
    super('watch health', everyMs);
  }

  protected async work(): Promise<number> {
    const due = await this.db.tx((tx) => this.health.due(tx, batchMax));
    for (const endpoint of due) await this.db.tx((tx) => this.health.assess(tx, endpoint));
    return due.length;
  }
}
