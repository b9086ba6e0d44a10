import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { SurplusService } from './surplus.service.ts';

/**
 * Looks for money that no link keeps, and has it given back. Flag and refund are one commit: after a crash before it
 * the next look finds the same payment, after it none.
 */
@Injectable()
export class GiveBackSurplusWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly surplus: SurplusService,
    { paymentLinkSweepMs }: PaymentsConfig,
  ) {
    super('give-back-surplus', paymentLinkSweepMs);
  }

  protected work(): Promise<number> {
    return this.db.tx((tx) => this.surplus.giveBack(tx, 20));
  }
}
