import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionsService } from '../collections/collections.service.ts';
import { RetryRepository } from '../collections/retry.repository.ts';
import { HousekeepingService } from '../housekeeping/housekeeping.service.ts';
import { SubscriptionSweep } from '../subscriptions/subscription-sweep.service.ts';
import { DueRepository } from './due.repository.ts';
import { DueService } from './due.service.ts';

const BATCH = 200;

/** What a date brings: instalments become due, and charges that failed are tried again. */
@Injectable()
export class SweepService {
  constructor(
    private readonly dues: DueRepository,
    private readonly due: DueService,
    private readonly retries: RetryRepository,
    private readonly collections: CollectionsService,
    private readonly housekeeping: HousekeepingService,
    private readonly subscriptions: SubscriptionSweep,
  ) {}

  /**
   * One batch: of every tenant that lives in real time, or of the one tenant whose test clock says `now`.
   * @returns how many were due
   */
  async run(tx: Tx, now: Date, tenantId: string | null = null): Promise<number> {
    const scope = { now, tenantId, limit: BATCH };
    const dues = await this.dues.claim(tx, scope);
    const retries = await this.retries.claim(tx, scope);
    await this.due.release(tx, dues, () => now);
    await this.collections.collectAgain(tx, retries, now);
    return dues.length + retries.length || this.subscriptions.run(tx, scope);
  }

  /** What the date brings beside that, in a transaction of its own. @returns 0 when nothing is left of it */
  tidy(tx: Tx, now: Date, tenantId: string | null = null): Promise<number> {
    return this.housekeeping.run(tx, { now, tenantId, limit: BATCH });
  }

  /** Whether something is still due that another transaction has in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    const [dues, retries] = await Promise.all([
      this.dues.isAnyLeft(tx, now, tenantId),
      this.retries.isAnyLeft(tx, now, tenantId),
    ]);
    return dues || retries || this.subscriptions.isAnyLeft(tx, now, tenantId);
  }
}
