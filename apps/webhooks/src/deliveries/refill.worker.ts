import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Worker } from '@quittance/service-kit/worker/worker';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DueEndpoint, Job } from './job.ts';
import { OrderingRepository } from './ordering.repository.ts';
import { ShardLeases } from './shard-leases.ts';

const everyMs = 250;

/**
 * Brings due rows into memory: retries whose time has come, what other processes inserted, what an earlier owner of the
 * shard left behind, and what did not fit before. It also notices edited endpoints. It claims nothing, so a crash here
 * loses nothing; the precision of a retry is its interval.
 */
@Injectable()
export class RefillWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly leases: ShardLeases,
    private readonly deliveries: DeliveryRepository,
    private readonly orderings: OrderingRepository,
    private readonly directory: EndpointDirectory,
    private readonly dispatcher: Dispatcher,
    private readonly bodies: SealedBodies,
  ) {
    super('refill', everyMs);
    dispatcher.onMoreDue = () => this.kick();
  }

  protected async work(): Promise<number> {
    const shards = this.leases.shards();
    if (shards.length === 0) return 0;
    await this.db.tx(async (tx) => {
      const due = await this.deliveries.discover(tx, shards);
      const tenants = new Set([...due.map(({ tenantId }) => tenantId), ...this.dispatcher.tenants()]);
      if (tenants.size === 0) return;
      await this.directory.refresh(tx, [...tenants]);
      await this.bodies.refresh(tx, [...tenants]);
      const asked = due
        .map((endpoint) => ({ ...endpoint, wanted: this.dispatcher.wanted(endpoint) }))
        .filter(({ wanted }) => wanted > 0);
      if (asked.length === 0) return;
      this.dispatcher.beginRefill();
      this.dispatcher.accept(await this.load(tx, asked), asked);
    });
    return 0;
  }

  private async load(tx: Tx, asked: readonly (DueEndpoint & { wanted: number })[]): Promise<Job[]> {
    const orderOf = ({ endpointId }: DueEndpoint) => this.directory.find(endpointId)?.ordering ?? 'none';
    const free = asked.filter((each) => orderOf(each) === 'none');
    const ordered = asked.filter((each) => orderOf(each) !== 'none');
    const jobs = free.length === 0 ? [] : await this.deliveries.load(tx, free);
    const heads = await this.orderings.load(
      tx,
      ordered.map((each) => ({
        ...each,
        blocks: orderOf(each) === 'key_block',
        line: this.dispatcher.lineOf(each),
      })),
    );
    return [...jobs, ...heads];
  }
}
