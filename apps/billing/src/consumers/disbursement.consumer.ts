import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DisbursementRequestsService } from '../disbursements/disbursement-requests.service.ts';
import type { DisbursementOutcome } from '../disbursements/disbursement-requests.service.ts';
import { DomainError } from '../domain/errors.ts';

@Controller()
export class DisbursementConsumer {
  constructor(private readonly requests: DisbursementRequestsService) {}

  @EventPattern(['disbursement.executed', 'disbursement.failed', 'disbursement.voided'])
  async handle(events: DisbursementOutcome[], tx: Tx): Promise<void> {
    try {
      await this.requests.follow(tx, events);
    } catch (error) {
      // The money of a request went back already: a person has to see what was paid nevertheless.
      if (error instanceof DomainError) throw new PoisonError(`${error.code}: ${error.message}`, { cause: error });
      throw error;
    }
  }
}
