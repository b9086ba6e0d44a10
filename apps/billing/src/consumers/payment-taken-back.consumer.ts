import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import type { TakenBack } from '../withdrawals/withdrawal.ts';
import { WithdrawalsService } from '../withdrawals/withdrawals.service.ts';

/** By us, or by a bank. */
@Controller()
export class PaymentTakenBackConsumer {
  constructor(private readonly withdrawals: WithdrawalsService) {}

  @EventPattern(['payment.reversed', 'payment.returned'])
  handle(events: TakenBack[], tx: Tx): Promise<void> {
    return this.withdrawals.takeBack(tx, events);
  }
}
