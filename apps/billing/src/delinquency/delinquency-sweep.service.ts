import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DelinquenciesService } from './delinquencies.service.ts';
import { PastDueRepository } from './past-due.repository.ts';

const BATCH = 200;

/** What a date brings to what is past due. For tenants without a delinquency plan there is nothing to do. */
@Injectable()
export class DelinquencySweepService {
  constructor(
    private readonly pastDue: PastDueRepository,
    private readonly following: DelinquenciesService,
  ) {}

  /** One batch: of every tenant that lives in real time, or of the one tenant whose test clock says `now`. */
  async run(tx: Tx, now: Date, tenantId: string | null = null): Promise<DaySwept> {
    const { mine, isAnyLeft } = await this.pastDue.claim(tx, { now, tenantId, limit: BATCH });
    await this.following.follow(tx, mine, () => now);
    return { done: mine.length, isAnyLeft };
  }
}

export interface DaySwept {
  /** How many policies were looked at. */
  readonly done: number;
  /** Whether something is still due that another transaction has in hand. */
  readonly isAnyLeft: boolean;
}
