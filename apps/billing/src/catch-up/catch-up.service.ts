import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { HeldScheduleRepository } from './held-schedule.repository.ts';
import type { HeldPolicyKey, InvoicingHold } from './held-schedule.repository.ts';
import { HeldTermsService } from './held-terms.service.ts';

/** Holds at a time: each locks some policies. */
const HOLDS = 10;
const POLICIES = 25;

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
  async run(tx: Tx, scope: Omit<SweepScope, 'limit'>): Promise<number> {
    let done = 0;
    for (const hold of await this.holds.due(tx, scope, HOLDS)) done += await this.look(tx, hold, scope.now);
    return done;
  }

  /** Whether something is to be done for this tenant, in whoever's hand it is. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    for (const hold of await this.holds.ofTenant(tx, now, tenantId, HOLDS)) {
      const [placed, caughtUp] = await this.find(tx, hold, now, 1);
      if (placed.length + caughtUp.length > 0) return true;
    }
    return false;
  }

  private async look(tx: Tx, hold: InvoicingHold, now: Date): Promise<number> {
    const [toPlace, toCatchUp] = await this.find(tx, hold, now, POLICIES);
    const found = [...toPlace, ...toCatchUp];
    const mine = await this.policies.lockFree(tx, found);
    for (const key of mine.filter((each) => toPlace.includes(each))) await this.terms.hold(tx, key, hold, now);
    for (const key of mine.filter((each) => toCatchUp.includes(each))) await this.terms.catchUp(tx, key, hold, now);
    if (found.length === 0 && hold.hasEnded) await this.holds.step(tx, hold, 'caught_up');
    else if (toPlace.length === 0 && hold.hasBegun && hold.step === 'waiting')
      await this.holds.step(tx, hold, 'placed');
    return mine.length;
  }

  private find(tx: Tx, hold: InvoicingHold, now: Date, limit: number): Promise<[HeldPolicyKey[], HeldPolicyKey[]]> {
    return Promise.all([this.holds.toPlace(tx, hold, now, limit), this.holds.toCatchUp(tx, hold, now, limit)]);
  }
}
