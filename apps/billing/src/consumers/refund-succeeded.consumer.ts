import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { WithdrawalsService } from '../withdrawals/withdrawals.service.ts';

@Controller()
export class RefundSucceededConsumer {
  constructor(private readonly withdrawals: WithdrawalsService) {}

  @EventPattern('refund.succeeded')
  handle(events: QuittanceEvent<'refund.succeeded'>[], tx: Tx): Promise<void> {
    return this.withdrawals.refund(tx, events);
  }
}
