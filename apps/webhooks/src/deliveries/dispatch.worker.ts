import { Injectable } from '@nestjs/common';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { WebhooksConfig } from '../config.ts';
import { Dispatcher } from './dispatcher.ts';
import { RefillWorker } from './refill.worker.ts';
import { ShardLeases } from './shard-leases.ts';

const held = metrics.gauge('webhook_shards_held', 'Shards that this process sends for');

/**
 * Keeps the leases of the shards and, at the end, brings the dispatcher to rest: no new sends, answers awaited, results
 * written, leases given up, in this order, so that a deployment causes no duplicate.
 */
@Injectable()
export class DispatchWorker extends Worker {
  private known = 0;

  constructor(
    private readonly leases: ShardLeases,
    private readonly dispatcher: Dispatcher,
    private readonly refill: RefillWorker,
    { webhookLeaseMs }: WebhooksConfig,
  ) {
    super('shard leases', webhookLeaseMs / 3);
    leases.onDoubt = () => this.kick();
  }

  override async stop(): Promise<void> {
    await this.refill.stop();
    await this.dispatcher.drain();
    await super.stop();
    await this.leases.leave();
  }

  protected async work(): Promise<number> {
    await this.leases.round((shard) => this.dispatcher.isBusy(shard));
    const owned = this.leases.shards().length;
    if (owned > this.known) this.refill.kick();
    this.known = owned;
    held.set(owned);
    return 0;
  }
}
