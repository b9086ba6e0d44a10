import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { BacklogMeter } from '../backlog/backlog-meter.ts';
import { WatchBacklogs } from '../backlog/watch-backlogs.ts';
import { UpkeepRepository } from './upkeep.repository.ts';

const everyMs = 10_000;

const backlog = metrics.gauge('webhook_backlog', 'Open deliveries of all tenants; due: those that could be sent now', [
  'kind',
]);
const late = metrics.gauge('webhook_oldest_due_seconds', 'How long the oldest delivery that could be sent has waited');

/** Counts what is open, seldom: it reads the whole queue. What comes of it, the meter and the watch say. */
@Injectable()
export class MeasureBacklogWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly upkeep: UpkeepRepository,
    private readonly meter: BacklogMeter,
    private readonly watch: WatchBacklogs,
  ) {
    super('measure backlog', everyMs);
  }

  protected async work(): Promise<number> {
    this.meter.begin();
    const backlogs = await this.db.tx((tx) => this.upkeep.backlogs(tx));
    this.meter.measured(backlogs);
    const all = { open: 0, due: 0, lateSeconds: 0 };
    for (const { open, due, lateSeconds } of backlogs) {
      all.open += open;
      all.due += due;
      all.lateSeconds = Math.max(all.lateSeconds, lateSeconds);
    }
    backlog.set({ kind: 'open' }, all.open);
    backlog.set({ kind: 'due' }, all.due);
    late.set(all.lateSeconds);
    await this.watch.see(backlogs);
    return 0;
  }
}
