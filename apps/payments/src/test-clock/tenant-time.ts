import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PaymentsConfig } from '../config.ts';
import { dateOf } from '../domain/calendar.ts';
import { TestClockRepository } from './test-clock.repository.ts';

export interface Today {
  /** The tenant's date: its test clock's, or the real one in UTC. */
  readonly on: string;
  /** The test clock's date; null on real time. */
  readonly businessOn: string | null;
}

/** What day it is for a tenant. */
@Injectable()
export class TenantTime {
  constructor(
    private readonly clocks: TestClockRepository,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  async today(tx: Tx, tenantId: string): Promise<Today> {
    const days = this.config.allowTestClock ? await this.clocks.latestDays(tx, [tenantId]) : undefined;
    const businessOn = days?.get(tenantId) ?? null;
    return { on: businessOn ?? dateOf(this.clock.now()), businessOn };
  }
}
