import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { TestClocksService } from '../test-clocks/test-clocks.service.ts';

/** What payments and reconciliation say of a date: the advance that waits for it reads our row. */
@Controller()
export class TestClockAnsweredConsumer {
  constructor(private readonly clocks: TestClocksService) {}

  @EventPattern('test_clock.reached')
  reached(events: QuittanceEvent<'test_clock.reached'>[], tx: Tx): Promise<void> {
    return this.clocks.recordAnswers(tx, 'reached', events);
  }

  @EventPattern('test_clock.reconciled')
  reconciled(events: QuittanceEvent<'test_clock.reconciled'>[], tx: Tx): Promise<void> {
    return this.clocks.recordAnswers(tx, 'reconciled', events);
  }
}
