import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import { NotificationDesk } from '../notifications/notification-desk.ts';
import { Providers } from '../providers/providers.ts';
import type { BusinessDay } from './test-clock.repository.ts';
import { TestClockService } from './test-clock.service.ts';

/**
 * Brings every open day to its end: its attempts have an answer → the providers say what that day brings, returns and
 * disputes among it, which is stored and applied → `test_clock.reached`.
 *
 * - crash before the answers are stored: the provider says the same again
 * - crash after that: they are applied by whoever comes next, and only then the day is reached
 * - a provider that is not there: the day waits for it
 */
@Injectable()
export class ReachDaysWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly days: TestClockService,
    private readonly providers: Providers,
    private readonly desk: NotificationDesk,
    private readonly config: PaymentsConfig,
  ) {
    super('reach-days', config.allowTestClock ? 100 : 60_000);
  }

  protected async work(): Promise<number> {
    if (!this.config.allowTestClock) return 0;
    const days = await this.db.tx((tx) => this.days.toAsk(tx));
    const asked = await Promise.allSettled(days.map((day) => this.ask(day)));
    if (days.length > 0) await this.desk.applyDue();
    const reached = await this.db.tx((tx) => this.days.reach(tx));
    const failed = asked.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return days.length + reached;
  }

  /** No transaction is open while a provider is asked. */
  private async ask(day: BusinessDay): Promise<void> {
    const said = await Promise.all(
      this.providers.all.map(async (provider) =>
        (await provider.reachDay(day)).map((news) => ({ ...news, provider: provider.name })),
      ),
    );
    await this.db.tx(async (tx) => {
      await this.desk.store(tx, said.flat(), day.tenantId);
      await this.days.asked(tx, day);
    });
  }
}
