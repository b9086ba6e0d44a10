import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Turns } from '../instalments/turns.ts';
import { DelinquenciesService } from './delinquencies.service.ts';
import { PastDueClaimRepository } from './past-due-claim.repository.ts';

/** No tenant takes more than half of a batch while another waits. */
const BATCH = { share: 100, limit: 200 };

/** What a date brings to what is past due. For tenants without a delinquency plan there is nothing to do. */
@Injectable()
export class DelinquencySweepService {
  private readonly turns = new Turns();

  constructor(
    private readonly claims: PastDueClaimRepository,
    private readonly following: DelinquenciesService,
  ) {}

  /** One batch: of every tenant that lives in real time, or of the one tenant whose test clock says `now`. */
  async run(tx: Tx, now: Date, tenantId: string | null = null): Promise<DaySwept> {
    const { mine } = await this.turns.claim({ now, tenantId }, BATCH, (scope) => this.claims.claim(tx, scope));
    const failed = await this.following.followEach(tx, mine, () => now);
    const done = mine.length - failed;
    // What failed is told and is looked at another time: nobody waits for it.
    const isAnyLeft = mine.length === 0 && tenantId !== null && (await this.claims.isAnyLeft(tx, now, tenantId));
    return { done, isAnyLeft };
  }
}

export interface DaySwept {
  /** How many policies were looked at. */
  readonly done: number;
  /** Whether something is still due that another transaction has in hand. */
  readonly isAnyLeft: boolean;
}
