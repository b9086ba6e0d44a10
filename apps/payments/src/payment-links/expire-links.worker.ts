import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { PaymentLinksService } from './payment-links.service.ts';

/**
 * Says of links that nobody paid in time that they have expired. A page and an attempt to pay look at the time
 * themselves, so a late sweep lets nobody pay late. A crash leaves them active; the next sweep finds them.
 */
@Injectable()
export class ExpireLinksWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly links: PaymentLinksService,
    { paymentLinkSweepMs }: PaymentsConfig,
  ) {
    super('expire-links', paymentLinkSweepMs);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.links.expire(tx, 100));
  }
}
