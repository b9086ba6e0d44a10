import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PlanOffersService } from '../offers/plan-offers.service.ts';
import { readQuotePriced } from '../offers/quote-priced.reader.ts';

/** A price is answered on the stream by `plan.offered`: who quotes needs no call of ours. */
@Controller()
export class QuotePricedConsumer {
  constructor(private readonly offers: PlanOffersService) {}

  @EventPattern('policy.quote_priced', { afterDeadLetter: 'continue' })
  async handle(events: QuittanceEvent<'policy.quote_priced'>[], tx: Tx): Promise<void> {
    for (const event of events) await this.offers.offer(tx, await readQuotePriced(event.data), event);
  }
}
