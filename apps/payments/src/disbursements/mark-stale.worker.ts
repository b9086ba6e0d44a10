import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { DisbursementsService } from './disbursements.service.ts';

/** Says of cheques that nobody has cashed in time that they are stale. A crash before the commit says nothing. */
@Injectable()
export class MarkStaleWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly disbursements: DisbursementsService,
    config: PaymentsConfig,
  ) {
    // A test clock passes months in a second.
    super('mark-stale', config.allowTestClock ? 500 : 600_000);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.disbursements.markStale(tx, 100));
  }
}
