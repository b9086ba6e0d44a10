import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { ReachDaysWorker } from '../test-clock/reach-days.worker.ts';
import { TestClockService } from '../test-clock/test-clock.service.ts';

/** Billing has done a day's sweeps. The day is kept and answered once its attempts are through. */
@Controller()
export class TestClockAdvancedConsumer {
  private readonly reachSoon = () => this.reacher.kick();

  constructor(
    private readonly clocks: TestClockService,
    private readonly reacher: ReachDaysWorker,
  ) {}

  @EventPattern('test_clock.advanced')
  handle(events: QuittanceEvent<'test_clock.advanced'>[], tx: Tx): Promise<void> {
    tx.afterCommit(this.reachSoon);
    return this.clocks.advance(tx, events);
  }
}
