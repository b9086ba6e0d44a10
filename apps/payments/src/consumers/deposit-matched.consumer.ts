import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { SettlementsService } from '../settlements/settlements.service.ts';

/** A deposit is known to be a payout: `payment.settled` of each of its payments commits with the inbox rows. */
@Controller()
export class DepositMatchedConsumer {
  constructor(private readonly settlements: SettlementsService) {}

  @EventPattern('deposit.matched')
  handle(events: QuittanceEvent<'deposit.matched'>[], tx: Tx): Promise<void> {
    return this.settlements.arrived(tx, events);
  }
}
