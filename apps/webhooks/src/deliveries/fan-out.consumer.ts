import { Controller } from '@nestjs/common';
import { partnerEventTypes } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { FanOutService } from './fan-out.service.ts';

/** Every event that partners may see. A notification: after a dead letter the later events of its aggregate go on. */
@Controller()
export class FanOutConsumer {
  constructor(private readonly service: FanOutService) {}

  @EventPattern(partnerEventTypes, { afterDeadLetter: 'continue' })
  handle(events: QuittanceEvent[], tx: Tx): Promise<void> {
    return this.service.fanOut(tx, events);
  }
}
