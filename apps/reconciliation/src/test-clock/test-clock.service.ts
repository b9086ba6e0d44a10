import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { ReconciliationConfig } from '../config.ts';
import { EarningService } from '../earning/earning.service.ts';
import { OverdueService } from '../settlement/overdue.service.ts';
import { TestClockRepository } from './test-clock.repository.ts';

/** Reconciliation's part of a tenant's test day: its own work of the date, then `test_clock.reconciled`. */
@Injectable()
export class TestClockService {
  constructor(
    private readonly clocks: TestClockRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly config: ReconciliationConfig,
    private readonly earning: EarningService,
    private readonly overdue: OverdueService,
  ) {}

  async reconcile(tx: Tx, events: readonly QuittanceEvent<'test_clock.reached'>[]): Promise<void> {
    if (!this.config.allowTestClock) return;
    const now = this.clock.now();
    for (const cause of events) {
      const { tenantid: tenantId, data } = cause;
      const sequence = await this.clocks.reconcile(tx, { tenantId, businessOn: data.businessDate, now });
      if (sequence === undefined) continue;
      while ((await this.earning.earn(tx, tenantId)) > 0);
      while ((await this.overdue.tell(tx)) > 0);
      const about = { tenantId, subject: tenantId, sequence, time: now, cause };
      await this.outbox.append(tx, [{ type: 'test_clock.reconciled', ...about, data }]);
    }
  }
}
