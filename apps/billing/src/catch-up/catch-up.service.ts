import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SweepTime } from '../instalments/sweep-scope.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { HeldScheduleRepository } from './held-schedule.repository.ts';
import { HeldTermsService } from './held-terms.service.ts';

const BATCH = 50;

/**
 * What a date brings to holds of invoicing: schedules of which something falls due within one are on hold, and when it
 * has ended what it held is one instalment. Until then nothing of it is billed (`holds/held.sql.ts`), whoever was down.
 */
@Injectable()
export class CatchUpService {
  constructor(
    private readonly holds: HeldScheduleRepository,
    private readonly policies: PolicyRepository,
    private readonly terms: HeldTermsService,
  ) {}

  /** One batch. @returns how many policies it changed */
  async run(tx: Tx, time: SweepTime): Promise<number> {
    const [toPlace, toCatchUp] = await this.find(tx, time, BATCH);
    if (toPlace.length + toCatchUp.length === 0) {
      await this.holds.step(tx, time);
      return 0;
    }
    const mine = await this.policies.lockFree(tx, [...toPlace, ...toCatchUp]);
    for (const each of mine) {
      if (toPlace.includes(each)) await this.terms.hold(tx, each, time.now);
      else await this.terms.catchUp(tx, each, time.now);
    }
    return mine.length;
  }

  /** Whether something is to be done for this tenant, in whoever's hand it is. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    const found = await this.find(tx, { now, tenantId }, 1);
    return found.flat().length > 0;
  }

  private find(tx: Tx, time: SweepTime, limit: number) {
    return Promise.all([this.holds.toPlace(tx, time, limit), this.holds.toCatchUp(tx, time, limit)]);
  }
}
