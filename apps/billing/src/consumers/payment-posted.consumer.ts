import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { AllocationsService } from '../allocations/allocations.service.ts';

@Controller()
export class PaymentPostedConsumer {
  constructor(private readonly allocations: AllocationsService) {}

  @EventPattern('payment.posted')
  handle(events: QuittanceEvent<'payment.posted'>[], tx: Tx): Promise<void> {
    return this.allocations.apply(tx, events);
  }
}
