import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { TestClockService } from './test-clock.service.ts';

@Controller()
export class TestClockConsumer {
  constructor(private readonly clocks: TestClockService) {}

  @EventPattern('test_clock.reached')
  reached(events: QuittanceEvent<'test_clock.reached'>[], tx: Tx): Promise<void> {
    return this.clocks.reconcile(tx, events);
  }
}
