import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { ReturnsService } from '../returns/returns.service.ts';

/** A bank's file says that a payment came back. `payment.returned` commits with the inbox rows. */
@Controller()
export class ReturnDetectedConsumer {
  constructor(private readonly returns: ReturnsService) {}

  @EventPattern('return.detected')
  handle(events: QuittanceEvent<'return.detected'>[], tx: Tx): Promise<void> {
    return this.returns.detected(tx, events);
  }
}
