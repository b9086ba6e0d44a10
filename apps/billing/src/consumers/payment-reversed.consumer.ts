import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { ReversalsService } from '../allocations/reversals.service.ts';

@Controller()
export class PaymentReversedConsumer {
  constructor(private readonly reversals: ReversalsService) {}

  @EventPattern('payment.reversed')
  handle(events: QuittanceEvent<'payment.reversed'>[], tx: Tx): Promise<void> {
    return this.reversals.reverse(tx, events);
  }
}
