import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CollectionsService } from '../collections/collections.service.ts';
import { RetryRepository } from '../collections/retry.repository.ts';
import { BillService } from './bill.service.ts';
import { ClaimRepository } from './claim.repository.ts';
import type { Claim, Pass } from './claim.repository.ts';
import { DueRepository } from './due.repository.ts';
import { DueService } from './due.service.ts';
import type { SweepTime } from './sweep-scope.ts';
import { Turns } from './turns.ts';
import type { Batch } from './turns.ts';
import { WaitingMoneyService } from './waiting-money.service.ts';

/**
 * Invoices are issued, money that was waiting pays them, what is still owed becomes due, and charges whose date has
 * come, or that failed, are asked for.
 */
export const instalmentPasses = ['bill', 'apply', 'announce', 'collect'] as const;
export type InstalmentPass = (typeof instalmentPasses)[number];

/** No tenant takes more than half of a batch while another waits. */
const BILL = { share: 250, limit: 500 };
const ANNOUNCE = { share: 1_000, limit: 2_000 };
const SMALL = 200;

@Injectable()
export class InstalmentSweep {
  private readonly turns: Record<Pass, Turns> = { bill: new Turns(), announce: new Turns() };

  constructor(
    private readonly claims: ClaimRepository,
    private readonly dues: DueRepository,
    private readonly billing: BillService,
    private readonly waiting: WaitingMoneyService,
    private readonly due: DueService,
    private readonly retries: RetryRepository,
    private readonly collections: CollectionsService,
  ) {}

  /** One batch of one pass, in a transaction of its own. @returns how many it found; 0 when there is none to be had */
  async run(tx: Tx, pass: InstalmentPass, time: SweepTime): Promise<number> {
    switch (pass) {
      case 'bill':
        return this.bill(tx, time);
      case 'apply':
        return this.waiting.apply(tx, { ...time, limit: SMALL });
      case 'announce':
        return this.announce(tx, time);
      case 'collect':
        return this.collect(tx, time);
    }
  }

  /** Whether there is something to do for this tenant, in whoever's hand it is. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    const left = await Promise.all([
      this.claims.isAnyLeft(tx, 'bill', { now, tenantId }),
      this.waiting.isAnyLeft(tx, tenantId),
      this.claims.isAnyLeft(tx, 'announce', { now, tenantId }),
      this.retries.isAnyLeft(tx, now, tenantId),
    ]);
    return left.includes(true);
  }

  private async bill(tx: Tx, time: SweepTime): Promise<number> {
    const claim = await this.claim(tx, 'bill', time, BILL);
    if (claim.count === 0) return 0;
    await this.billing.bill(tx, await this.dues.toBill(tx, claim), () => time.now);
    return claim.count;
  }

  private async announce(tx: Tx, time: SweepTime): Promise<number> {
    const claim = await this.claim(tx, 'announce', time, ANNOUNCE);
    if (claim.count === 0) return 0;
    await this.due.announce(tx, { ...claim, now: time.now });
    return claim.count;
  }

  private async collect(tx: Tx, time: SweepTime): Promise<number> {
    const retries = await this.retries.claim(tx, { ...time, limit: SMALL });
    await this.collections.collectAgain(tx, retries, time.now);
    return retries.length;
  }

  private claim(tx: Tx, pass: Pass, time: SweepTime, batch: Batch): Promise<Claim> {
    return this.turns[pass].claim(time, batch, (scope) => this.claims.claim(tx, pass, scope));
  }
}
