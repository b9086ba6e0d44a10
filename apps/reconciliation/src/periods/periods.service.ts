import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { ReconciliationConfig } from '../config.ts';
import { closable, lastDayOf, stateOf } from '../domain/period.ts';
import type { MonthState } from '../domain/period.ts';
import { PeriodRepository } from './period.repository.ts';
import type { Closing, SealedPeriod } from './period.repository.ts';

/**
 * Shuts months. What has its date in one afterwards is booked on the first day after it (`JournalRepository.insert`),
 * with the date that it had kept beside: nothing is refused for being late, and nothing that was reported changes.
 */
@Injectable()
export class PeriodsService {
  constructor(
    private readonly periods: PeriodRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly config: ReconciliationConfig,
  ) {}

  /**
   * Closes a month, and with it all before.
   * @throws DomainError `period_not_over`, `period_closed`
   */
  async close(tx: Tx, asked: Omit<Closing, 'id' | 'closedAt'>): Promise<MonthState> {
    const { tenantId, month, state } = asked;
    await this.periods.lock(tx, tenantId);
    const now = this.clock.now();
    const today = this.config.allowTestClock ? null : now.toISOString();
    closable(month, state, { ...(await this.periods.closings(tx)), today });
    await this.periods.close(tx, { ...asked, id: newId(), closedAt: now });
    return { month, state, period: await this.periods.find(tx, month) };
  }

  /** Every month that something was booked in or that was closed, newest first. */
  async list(tx: Tx): Promise<MonthState[]> {
    const [closings, closed, booked] = await Promise.all([
      this.periods.closings(tx),
      this.periods.list(tx),
      this.periods.months(tx),
    ]);
    const months = [...new Set([...booked, ...closed.map(({ month }) => month)])].sort().reverse();
    return months.map((month) => {
      const period = closed.find((each) => each.month === month);
      return { month, state: stateOf(month, closings), period };
    });
  }

  nextClosing(tx: Tx, after: number): Promise<number | undefined> {
    return this.periods.nextClosing(tx, after);
  }

  /** Writes the hash of each month that was closed up to this number, and says so; @returns how many they were. */
  async seal(tx: Tx, throughSeq: number): Promise<number> {
    const sealed = await this.periods.seal(tx, throughSeq);
    for (const period of sealed) await this.outbox.append(tx, [await this.closedEvent(tx, period)]);
    return sealed.length;
  }

  private async closedEvent(tx: Tx, period: SealedPeriod): Promise<NewEvent<'ledger_day.closed'>> {
    const { tenantId, id: subject, month, size, hash } = period;
    const [totals, openExceptions] = await Promise.all([
      this.periods.totals(tx, period),
      this.periods.openExceptions(tx, period),
    ]);
    const data = {
      date: lastDayOf(month),
      entries: size,
      hash: hash.toString('hex'),
      totals: totals.map(({ source, currency, entries, minor }) => {
        return { source, entries, currency, amount: formatAmount({ minor, currency }) };
      }),
      openExceptions,
    };
    return { type: 'ledger_day.closed', tenantId, subject, sequence: 1, data, time: this.clock.now() };
  }
}
