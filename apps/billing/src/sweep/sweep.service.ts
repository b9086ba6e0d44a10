import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CatchUpService } from '../catch-up/catch-up.service.ts';
import { HousekeepingService } from '../housekeeping/housekeeping.service.ts';
import { InstalmentSweep, instalmentPasses } from '../instalments/instalment-sweep.service.ts';
import type { SweepTime } from '../instalments/sweep-scope.ts';
import { PastDueNewsService } from '../past-due/past-due-news.service.ts';
import { UpcomingService } from '../reminders/upcoming.service.ts';
import { SubscriptionSweep } from '../subscriptions/subscription-sweep.service.ts';

/** What has a due date, in the order in which a date brings it. */
export const duePasses = ['holds', ...instalmentPasses, 'subscriptions', 'past_due', 'upcoming'] as const;
/** And what is done with money that lies here: it locks payments, which come before the policies of the others. */
export const sweepPasses = [...duePasses, 'tidy'] as const;
export type SweepPass = (typeof sweepPasses)[number];

const LIMIT = 200;

/** What a date brings. */
@Injectable()
export class SweepService {
  constructor(
    private readonly holds: CatchUpService,
    private readonly instalments: InstalmentSweep,
    private readonly subscriptions: SubscriptionSweep,
    private readonly pastDue: PastDueNewsService,
    private readonly upcoming: UpcomingService,
    private readonly housekeeping: HousekeepingService,
  ) {}

  /** One batch of one pass, in a transaction of its own. @returns how many it found; 0 when there is none to be had */
  run(tx: Tx, pass: SweepPass, time: SweepTime): Promise<number> {
    switch (pass) {
      case 'holds':
        return this.holds.run(tx, time);
      case 'subscriptions':
        return this.subscriptions.run(tx, time);
      case 'past_due':
        return this.pastDue.run(tx, time);
      case 'upcoming':
        return this.upcoming.run(tx, time);
      case 'tidy':
        return this.housekeeping.run(tx, { ...time, limit: LIMIT });
      default:
        return this.instalments.run(tx, pass, time);
    }
  }

  /** Whether something is due for this tenant, in whoever's hand it is. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    if (await this.holds.isAnyLeft(tx, now, tenantId)) return true;
    if (await this.instalments.isAnyLeft(tx, now, tenantId)) return true;
    if (await this.subscriptions.isAnyLeft(tx, now, tenantId)) return true;
    if (await this.pastDue.isAnyLeft(tx, now, tenantId)) return true;
    return this.upcoming.isAnyLeft(tx, now, tenantId);
  }
}
