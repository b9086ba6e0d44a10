import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { UpkeepRepository } from './upkeep.repository.ts';

const everyMs = 10_000;

const backlog = metrics.gauge('webhook_backlog', 'Open deliveries of all tenants; due: those that could be sent now', [
  'kind',
]);
const late = metrics.gauge('webhook_oldest_due_seconds', 'How long the oldest delivery that could be sent has waited');

/** Counts what is open, seldom: it reads the whole queue. */
@Injectable()
export class MeasureBacklogWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly upkeep: UpkeepRepository,
  ) {
    super('measure backlog', everyMs);
  }

  protected async work(): Promise<number> {
    const { open, due, lateSeconds } = await this.db.tx((tx) => this.upkeep.backlog(tx));
    backlog.set({ kind: 'open' }, open);
    backlog.set({ kind: 'due' }, due);
    late.set(Math.max(lateSeconds, 0));
    return 0;
  }
}
