import { Injectable } from '@nestjs/common';
import { Worker } from '@quittance/service-kit/worker/worker';
import { LedgerService } from './ledger.service.ts';

/** So long entries are gathered: a batch that is sealed for each would be as many rows as there are entries. */
const EVERY_MS = 2_000;

/** Roll-ups, seals and closing hashes, behind the journal and never in its way. Any number may run: one does it. */
@Injectable()
export class FollowLedgerWorker extends Worker {
  constructor(private readonly ledger: LedgerService) {
    super('follow-ledger', EVERY_MS);
  }

  protected async work(): Promise<number> {
    return (await this.ledger.follow()) ? 1 : 0;
  }
}
