import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { Worker } from '@quittance/service-kit/worker/worker';
import { ErasureRepository } from './erasure.repository.ts';

const everyMs = 1_000;
const batchMax = 500;

/**
 * Aborts what waits with a message that an erasure made unreadable, a page of the tenant's deliveries a transaction; a
 * crash goes on at the same page. What it cannot see yet, stored by a fan-out that was under way, is aborted by the
 * sender, who finds no body to send.
 */
@Injectable()
export class AbortErasedWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly erasures: ErasureRepository,
  ) {
    super('abort erased', everyMs);
  }

  protected work(): Promise<number> {
    return this.db.tx(async (tx) => {
      const erasure = await this.erasures.lockRunning(tx);
      if (erasure === null) return 0;
      const page = await this.erasures.open(tx, erasure, batchMax);
      const aborted = page.length === 0 ? 0 : await this.erasures.abort(tx, erasure.tenantId, page, newId);
      const isLast = page.length < batchMax;
      await this.erasures.progress(tx, erasure, { lastSeen: page.at(-1) ?? null, aborted, isLast });
      return 1;
    });
  }
}
