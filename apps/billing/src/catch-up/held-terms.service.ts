import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { addDays } from '../domain/calendar.ts';
import { catchUp } from '../domain/catch-up.ts';
import { isHeldOn } from '../domain/hold.ts';
import { isUnbilled } from '../domain/recut.ts';
import { moveSchedule } from '../domain/schedule.ts';
import type { Schedule } from '../domain/schedule.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { buildRecut } from '../schedules/recut.builder.ts';
import { ScheduleCovers } from '../schedules/schedule-covers.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { scheduleChanged } from '../transactions/change.events.ts';
import type { TermBook } from '../transactions/term-book.ts';
import { TermBooksService } from '../transactions/term-books.service.ts';
import type { HeldPolicy } from './held-schedule.repository.ts';

/** Puts the schedules of a policy on hold, and lays out what was held as one instalment. The policy is locked. */
@Injectable()
export class HeldTermsService {
  constructor(
    private readonly books: TermBooksService,
    private readonly schedules: ScheduleRepository,
    private readonly instalments: InstalmentRepository,
    private readonly outbox: Outbox,
  ) {}

  async hold(tx: Tx, held: HeldPolicy, now: Date): Promise<void> {
    for (const book of await this.termsOf(tx, held, now)) {
      const { schedule, instalments } = book;
      const isDueWithin = instalments.some((each) => isUnbilled(each) && isHeldOn(held, each.dueOn));
      if (schedule.state !== 'active' || !isDueWithin) continue;
      const next = { ...schedule, state: moveSchedule(schedule.state, 'hold'), version: schedule.version + 1 };
      await this.schedules.recut(tx, next);
      await this.tell(tx, book, 'schedule.held', { schedule: next, standing: instalments });
    }
  }

  /** Due as many days after the end as its plan bills ahead: the payer has the time that he always has. */
  async catchUp(tx: Tx, held: HeldPolicy, now: Date): Promise<void> {
    const { tenantId, startsOn: start, endsOn: end } = held;
    if (end === null) return;
    for (const book of await this.termsOf(tx, held, now)) {
      const { schedule, plan, policy, today } = book;
      const dueOn = addDays(end > today ? end : today, plan.generateLeadDays);
      const { timeZone } = policy;
      const rows = buildRecut(book, catchUp(book.instalments, { start, end }, dueOn), { plan, timeZone });
      const isReleased = schedule.state === 'on_hold' && !held.isStillHeld;
      if (!isReleased && rows.added.length === 0) continue;
      const state = isReleased ? moveSchedule(schedule.state, 'release') : schedule.state;
      const next = { ...schedule, state, version: schedule.version + 1 };
      await this.instalments.supersede(tx, { tenantId, id: null }, rows.superseded);
      await this.schedules.recut(tx, next);
      await this.instalments.insert(tx, rows.added);
      await this.instalments.insertLines(tx, tenantId, rows.lines);
      const type = isReleased ? 'schedule.released' : 'schedule.recut';
      await this.tell(tx, book, type, { schedule: next, standing: rows.standing });
      if (isReleased) await this.complete(tx, book);
    }
  }

  /** All of it may have been settled while it was on hold. */
  private async complete(tx: Tx, { schedule, policy, now }: TermBook): Promise<void> {
    const covers = new ScheduleCovers(await this.schedules.coverage(tx, [schedule]));
    const events = covers.settled(schedule, policy, { time: now });
    if (events.length === 0) return;
    await this.schedules.updateProgress(tx, covers.progress());
    await this.outbox.append(tx, events);
  }

  private async termsOf(tx: Tx, { tenantId, policyLocator: locator }: HeldPolicy, now: Date): Promise<TermBook[]> {
    const open = await this.books.open(tx, { tenantId, locator }, () => now);
    if (!open) return [];
    const books: TermBook[] = [];
    for (const term of open.terms) books.push(await this.books.ofTerm(tx, open, term));
    return books;
  }

  private async tell(tx: Tx, { policy, charges, now }: TermBook, type: Told, news: ScheduleNews): Promise<void> {
    const about = { policy, charges: new Map(charges.map((charge) => [charge.id, charge])) };
    const { schedule, standing } = news;
    const why = { standing, reason: 'hold', transactionId: null, occasion: { time: now } };
    await this.outbox.append(tx, [scheduleChanged(type, schedule, about, why)]);
  }
}

type Told = 'schedule.held' | 'schedule.released' | 'schedule.recut';

interface ScheduleNews {
  readonly schedule: Schedule;
  readonly standing: TermBook['instalments'] | ReturnType<typeof buildRecut>['standing'];
}
