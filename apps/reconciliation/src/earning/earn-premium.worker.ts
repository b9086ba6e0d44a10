import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { EarningService } from './earning.service.ts';

const EVERY_MS = 60_000;

/** Earns what another day has brought. Any number may run: a policy is in the hands of one at a time. */
@Injectable()
export class EarnPremiumWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly earning: EarningService,
  ) {
    super('earn-premium', EVERY_MS);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.earning.earn(tx));
  }
}
