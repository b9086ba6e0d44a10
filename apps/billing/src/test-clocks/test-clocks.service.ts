import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { setTimeout as wait } from 'node:timers/promises';
import { BillingConfig } from '../config.ts';
import { DelinquencySweepService } from '../delinquency/delinquency-sweep.service.ts';
import { addDays, noonUtc } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import { targetOf } from '../domain/test-clock.ts';
import type { Advance } from '../domain/test-clock.ts';
import { localDate } from '../domain/zone.ts';
import { SweepService, duePasses } from '../sweep/sweep.service.ts';
import type { TestClock } from './test-clock.entity.ts';
import { TestClockRepository } from './test-clock.repository.ts';

type TestClockAnswer = QuittanceEvent<'test_clock.reached'> | QuittanceEvent<'test_clock.reconciled'>;

const POLL_MS = 4;
const RENEW_MS = 2_000;

/**
 * Walks a tenant's test clock, one date at a time: our own sweep of the date, then `test_clock.advanced`, then the
 * answers of payments and reconciliation. No transaction is open while it waits.
 *
 * A crash at any point loses nothing: the row says how far the date has come, the lease frees the clock, and the next
 * advance finishes that date before it takes another.
 */
@Injectable()
export class TestClocksService {
  constructor(
    private readonly clocks: TestClockRepository,
    private readonly sweep: SweepService,
    private readonly delinquency: DelinquencySweepService,
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly config: BillingConfig,
  ) {}

  find(tenantId: string): Promise<TestClock | null> {
    return this.db.withTenant(tenantId, (tx) => this.clocks.find(tx, tenantId));
  }

  isRunning({ leaseUntil }: TestClock): boolean {
    return leaseUntil !== null && leaseUntil > this.clock.now();
  }

  /** The date of a tenant without a clock. */
  today(): CalendarDate {
    return localDate(this.clock.now(), 'UTC');
  }

  /** What payments or reconciliation say of a date: the advance that waits for it reads the row. */
  recordAnswers(tx: Tx, kind: 'reached' | 'reconciled', events: readonly TestClockAnswer[]): Promise<void> {
    const answers = events.map(({ tenantid, data }) => ({ tenantId: tenantid, businessDate: data.businessDate }));
    return this.clocks.answer(tx, kind, answers);
  }

  /** @throws DomainError `test_clock_not_allowed`, `_running`, `_backwards`, `_too_far`, `_stalled` */
  async advance(tenantId: string, advance: Advance): Promise<CalendarDate> {
    if (!this.config.allowTestClock) {
      throw new DomainError('test_clock_not_allowed', 'This deployment has no test clocks.');
    }
    const run = newId();
    const { from, to } = await this.start(tenantId, run, advance);
    try {
      for (let date = from; ; date = addDays(date, 1)) {
        if (date !== from) await this.step(tenantId, (tx) => this.clocks.turn(tx, tenantId, run, date));
        await this.finishDay(tenantId, run, date);
        if (date >= to) return date;
      }
    } finally {
      await this.db.withTenant(tenantId, (tx) => this.clocks.stop(tx, tenantId, run));
    }
  }

  private start(tenantId: string, run: string, advance: Advance): Promise<{ from: CalendarDate; to: CalendarDate }> {
    return this.db.withTenant(tenantId, async (tx) => {
      const { businessDate, isRunning } = await this.clocks.lock(tx, tenantId, this.today());
      if (isRunning) throw new DomainError('test_clock_running', 'This clock is being advanced already.');
      const to = targetOf(advance, businessDate);
      await this.clocks.start(tx, tenantId, run);
      return { from: businessDate, to };
    });
  }

  private async finishDay(tenantId: string, run: string, date: CalendarDate): Promise<void> {
    const clock = await this.find(tenantId);
    if (clock?.advancedOn !== date) {
      await this.sweepDay(tenantId, run, date);
      await this.announce(tenantId, run, date);
    }
    await this.answers(tenantId, run, date);
  }

  private async sweepDay(tenantId: string, run: string, date: CalendarDate): Promise<void> {
    const time = { now: noonUtc(date), tenantId };
    const owned = <T>(work: (tx: Tx) => Promise<T>) =>
      this.db.withTenant(tenantId, async (tx) => {
        await this.owned(this.clocks.renew(tx, tenantId, run));
        return work(tx);
      });
    for (;;) {
      // What is past due comes after what the date brings, and what is done with money that lies here last.
      const pastDue = await owned(async (tx) =>
        (await this.sweep.isAnyLeft(tx, time.now, tenantId)) ? null : this.delinquency.run(tx, time.now, tenantId),
      );
      if (pastDue && pastDue.done === 0 && !pastDue.isAnyLeft) break;
      let done = pastDue?.done ?? 0;
      if (!pastDue) for (const pass of duePasses) done += await owned((tx) => this.sweep.run(tx, pass, time));
      // Somebody else has the rest in hand: it is done there, or by us after that.
      if (done === 0) await wait(POLL_MS);
    }
    while ((await owned((tx) => this.sweep.run(tx, 'tidy', time))) > 0);
  }

  private announce(tenantId: string, run: string, businessDate: CalendarDate): Promise<void> {
    return this.db.withTenant(tenantId, async (tx) => {
      const version = await this.clocks.announce(tx, tenantId, run);
      await this.owned(Promise.resolve(version !== null));
      await this.outbox.append(tx, [
        {
          type: 'test_clock.advanced',
          tenantId,
          subject: tenantId,
          sequence: version ?? 0,
          data: { businessDate },
          time: noonUtc(businessDate),
        },
      ]);
    });
  }

  private async answers(tenantId: string, run: string, date: CalendarDate): Promise<void> {
    const started = performance.now();
    for (let renewed = started; ; await wait(POLL_MS)) {
      const clock = await this.find(tenantId);
      if (isAnswered(clock?.reachedOn, date) && isAnswered(clock?.reconciledOn, date)) return;
      const now = performance.now();
      if (now - started > this.config.testClockDayTimeoutMs) {
        throw new DomainError('test_clock_stalled', `${date} is not finished by every service; ask again to go on.`);
      }
      if (now - renewed < RENEW_MS) continue;
      await this.step(tenantId, (tx) => this.clocks.renew(tx, tenantId, run));
      renewed = now;
    }
  }

  private step(tenantId: string, work: (tx: Tx) => Promise<boolean>): Promise<void> {
    return this.db.withTenant(tenantId, (tx) => this.owned(work(tx)));
  }

  /** Another advance has taken over: this one stops where it is. */
  private async owned(step: Promise<boolean>): Promise<void> {
    if (!(await step)) throw new DomainError('test_clock_running', 'Another request has taken this clock over.');
  }
}

function isAnswered(answered: CalendarDate | null | undefined, date: CalendarDate): boolean {
  return answered !== null && answered !== undefined && answered >= date;
}
