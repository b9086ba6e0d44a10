import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { OverdueService } from './overdue.service.ts';

const EVERY_MS = 60_000;

/** Looks every minute for money that is late; a tenant's test clock looks when its day comes. */
@Injectable()
export class TellOverdueWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly overdue: OverdueService,
  ) {
    super('tell-overdue', EVERY_MS);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.overdue.tell(tx));
  }
}
