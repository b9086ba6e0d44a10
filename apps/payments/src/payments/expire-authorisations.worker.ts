import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { AuthorisationsService } from './authorisations.service.ts';

/**
 * Says `payment.voided` of authorisations whose time is over. A crash before the commit says nothing: the next sweep
 * does.
 */
@Injectable()
export class ExpireAuthorisationsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly authorisations: AuthorisationsService,
    config: PaymentsConfig,
  ) {
    // A test clock's day is over in no time.
    super('expire-authorisations', config.allowTestClock ? 250 : 60_000);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.authorisations.expireDue(tx));
  }
}
