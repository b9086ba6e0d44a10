import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { CollectionsService } from '../collections/collections.service.ts';
import { PaymentEchoService } from '../delinquency/payment-echo.service.ts';
import type { TakenBack } from '../withdrawals/withdrawal.ts';
import { WithdrawalsService } from '../withdrawals/withdrawals.service.ts';

/** By us, or by a bank. */
@Controller()
export class PaymentTakenBackConsumer {
  constructor(
    private readonly withdrawals: WithdrawalsService,
    private readonly collections: CollectionsService,
    private readonly echo: PaymentEchoService,
  ) {}

  @EventPattern(['payment.reversed', 'payment.returned'])
  async handle(events: TakenBack[], tx: Tx): Promise<void> {
    await this.withdrawals.takeBack(tx, events);
    const returned = events.filter((event) => event.type === 'payment.returned');
    await this.collections.recordReturns(tx, returned);
    await this.echo.takenBack(tx, events);
  }
}
