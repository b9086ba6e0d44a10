import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { Worker } from '@quittance/service-kit/worker/worker';
import { AbortRepository } from './abort.repository.ts';

const everyMs = 1_000;
const batchMax = 500;

/**
 * Aborts what was open when an endpoint was removed, in batches, so that removing an endpoint costs the caller nothing
 * however long its queue is. Until then such a delivery is not sent, and is already shown as aborted. A fan-out that
 * was under way may still add to it, so an endpoint counts as removing for two minutes more.
 */
@Injectable()
export class AbortDeliveriesWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly aborts: AbortRepository,
  ) {
    super('abort deliveries', everyMs);
  }

  protected work(): Promise<number> {
    return this.db.tx(async (tx) => {
      const endpoint = await this.aborts.lockRemovedEndpoint(tx);
      if (endpoint === null) {
        await this.aborts.finish(tx);
        return 0;
      }
      const rows = await this.aborts.takeOpen(tx, endpoint, batchMax);
      if (rows.length > 0) await this.aborts.logAborted(tx, endpoint, rows, newId);
      return rows.length;
    });
  }
}
