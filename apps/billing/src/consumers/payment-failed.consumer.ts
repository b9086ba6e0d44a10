import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { CollectionsService } from '../collections/collections.service.ts';
import type { FailedPayment } from '../collections/collections.service.ts';
import { PaymentEchoService } from '../delinquency/payment-echo.service.ts';
import { PeriodSteps } from '../subscriptions/period-steps.service.ts';

/** `payment.declined` is the last word on a payment; where no failure was told before it, it also ends the attempt. */
@Controller()
export class PaymentFailedConsumer {
  constructor(
    private readonly collections: CollectionsService,
    private readonly echo: PaymentEchoService,
    private readonly periods: PeriodSteps,
  ) {}

  @EventPattern(['payment.failed', 'payment.declined'])
  async handle(events: FailedPayment[], tx: Tx): Promise<void> {
    const ended = await this.collections.recordFailures(tx, events);
    await this.periods.recordFailures(tx, events);
    // Last: a fee takes the counter of invoice numbers.
    await this.echo.failed(tx, ended);
  }
}
