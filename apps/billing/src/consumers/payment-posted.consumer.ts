import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { AllocationsService } from '../allocations/allocations.service.ts';
import { PaymentEchoService } from '../delinquency/payment-echo.service.ts';

@Controller()
export class PaymentPostedConsumer {
  constructor(
    private readonly allocations: AllocationsService,
    private readonly echo: PaymentEchoService,
  ) {}

  @EventPattern('payment.posted')
  async handle(events: QuittanceEvent<'payment.posted'>[], tx: Tx): Promise<void> {
    await this.allocations.apply(tx, events);
    await this.echo.posted(tx, events);
  }
}
