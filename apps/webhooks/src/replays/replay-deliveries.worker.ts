import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { Dispatcher } from '../deliveries/dispatcher.ts';
import { ReplayStepService } from './replay-step.service.ts';

const everyMs = 250;

const replayed = metrics.counter('webhook_replayed_total', 'Deliveries that replays queued once more');

/** Takes the steps of all replays, of every tenant in turn. */
@Injectable()
export class ReplayDeliveriesWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly steps: ReplayStepService,
    private readonly dispatcher: Dispatcher,
  ) {
    super('replay deliveries', everyMs);
  }

  protected async work(): Promise<number> {
    const queued = await this.db.tx((tx) => this.steps.take(tx));
    if (queued === null) return 0;
    replayed.inc(queued);
    if (queued > 0) this.dispatcher.onMoreDue();
    return 1;
  }
}
