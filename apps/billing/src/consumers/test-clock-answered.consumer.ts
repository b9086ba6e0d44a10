import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { TestClockRepository } from '../test-clocks/test-clock.repository.ts';
import type { Answer } from '../test-clocks/test-clock.repository.ts';

/** What payments and reconciliation say of a date: the advance that waits for it reads our row. */
@Controller()
export class TestClockAnsweredConsumer {
  constructor(private readonly clocks: TestClockRepository) {}

  @EventPattern('test_clock.reached')
  reached(events: QuittanceEvent<'test_clock.reached'>[], tx: Tx): Promise<void> {
    return this.clocks.answer(tx, 'reached', events.map(answerOf));
  }

  @EventPattern('test_clock.reconciled')
  reconciled(events: QuittanceEvent<'test_clock.reconciled'>[], tx: Tx): Promise<void> {
    return this.clocks.answer(tx, 'reconciled', events.map(answerOf));
  }
}

function answerOf({
  tenantid,
  data,
}: QuittanceEvent<'test_clock.reached'> | QuittanceEvent<'test_clock.reconciled'>): Answer {
  return { tenantId: tenantid, businessDate: data.businessDate };
}
