import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { NewDisbursements } from '../disbursements/new-disbursements.ts';

/** Billing has set money aside to be paid out. The disbursement commits with the inbox rows; nothing is paid here. */
@Controller()
export class DisbursementRequestedConsumer {
  constructor(private readonly disbursements: NewDisbursements) {}

  @EventPattern('disbursement_request.created')
  handle(events: QuittanceEvent<'disbursement_request.created'>[], tx: Tx): Promise<void> {
    return this.disbursements.take(tx, events);
  }
}
