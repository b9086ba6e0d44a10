import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { dateOf } from '../domain/calendar.ts';
import { passDay } from '../domain/payment-method-life.ts';
import { PaymentMethodRepository } from './payment-method.repository.ts';
import { PaymentMethodsService } from './payment-methods.service.ts';

const batch = 200;

/**
 * Says once that a method expires soon, and ends it after its last day, by its tenant's date. A crash leaves the batch
 * for the next round: the row that is said to be warned of is the row that was.
 */
@Injectable()
export class ExpireMethodsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly repository: PaymentMethodRepository,
    private readonly methods: PaymentMethodsService,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {
    super('expire-methods', 60_000);
  }

  protected work(): Promise<number> {
    const now = this.clock.now();
    const { paymentMethodExpiringDays: days } = this.config;
    return this.db.tx(async (tx) => {
      const found = await this.repository.lockExpiring(tx, { today: dateOf(now), days, limit: batch });
      const decisions = found.map(({ method, ...dates }) => passDay(method, dates, now));
      await this.methods.save(tx, decisions);
      return found.length;
    });
  }
}
