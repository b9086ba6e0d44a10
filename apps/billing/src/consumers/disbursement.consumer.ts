import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { DisbursementRequestsService } from '../disbursements/disbursement-requests.service.ts';
import { orPoison } from '../poison.ts';
import { VoidedRefundsService } from '../withdrawals/voided-refunds.service.ts';
import type { Disbursed } from '../withdrawals/withdrawal.ts';
import { WithdrawalsService } from '../withdrawals/withdrawals.service.ts';

/** A disbursement pays a request of ours, or a refund by cheque. */
@Controller()
export class DisbursementConsumer {
  constructor(
    private readonly requests: DisbursementRequestsService,
    private readonly withdrawals: WithdrawalsService,
    private readonly voided: VoidedRefundsService,
  ) {}

  @EventPattern(['disbursement.executed', 'disbursement.failed', 'disbursement.voided'])
  async handle(events: Disbursed[], tx: Tx): Promise<void> {
    // Where the money of a request went back already, a person has to see what was paid nevertheless.
    await orPoison(this.apply(tx, events));
  }

  private async apply(tx: Tx, events: readonly Disbursed[]): Promise<void> {
    await this.requests.follow(tx, events);
    await this.withdrawals.refundByCheck(tx, events);
    await this.voided.putBack(tx, events);
  }
}
