import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { PaymentsConfig } from '../config.ts';
import { TestClockRepository } from './test-clock.repository.ts';
import type { BusinessDay } from './test-clock.repository.ts';

/** Answers billing's test clock: a day is reached when nothing of it is left to charge or to hear. */
@Injectable()
export class TestClockService {
  constructor(
    private readonly clocks: TestClockRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** What billing asked for on that day was said before this event, so its attempts are all there already. */
  async advance(tx: Tx, events: readonly QuittanceEvent<'test_clock.advanced'>[]): Promise<void> {
    if (!this.config.allowTestClock) return;
    const days = events.map(({ tenantid, data }) => ({ tenantId: tenantid, businessOn: data.businessDate }));
    await this.clocks.insert(tx, days, this.clock.now());
  }

  toAsk(tx: Tx): Promise<BusinessDay[]> {
    return this.clocks.toAsk(tx);
  }

  asked(tx: Tx, day: BusinessDay): Promise<void> {
    return this.clocks.asked(tx, day, this.clock.now());
  }

  async reach(tx: Tx): Promise<number> {
    const finished = await this.clocks.lockFinished(tx);
    if (finished.length === 0) return 0;
    const now = this.clock.now();
    const reached = await this.clocks.reach(tx, finished, now);
    reached.sort((a, b) => a.sequence - b.sequence);
    await this.outbox.append(
      tx,
      reached.map(({ tenantId, businessOn, sequence }) => ({
        ...({ type: 'test_clock.reached', tenantId, subject: tenantId, sequence, time: now } as const),
        data: { businessDate: businessOn },
      })),
    );
    return reached.length;
  }
}
