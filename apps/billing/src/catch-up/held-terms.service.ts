import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { addDays } from '../domain/calendar.ts';
import { catchUp } from '../domain/catch-up.ts';
import type { Pause } from '../domain/catch-up.ts';
import { isUnbilled } from '../domain/recut.ts';
import { moveSchedule } from '../domain/schedule.ts';
import type { Schedule } from '../domain/schedule.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { buildRecut } from '../schedules/recut.builder.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { scheduleChanged } from '../transactions/change.events.ts';
import type { TermBook } from '../transactions/term-book.ts';
import { TermBooksService } from '../transactions/term-books.service.ts';
import type { HeldPolicyKey, InvoicingHold } from './held-schedule.repository.ts';

/** Puts the schedules of a policy on hold, and lays out what was held as one instalment. The policy is locked. */
@Injectable()
export class HeldTermsService {
  constructor(
    private readonly books: TermBooksService,
    private readonly schedules: ScheduleRepository,
    private readonly instalments: InstalmentRepository,
    private readonly outbox: Outbox,
  ) {}

  async hold(tx: Tx, key: HeldPolicyKey, hold: InvoicingHold, now: Date): Promise<void> {
    const isHeld = heldBy(hold);
    for (const book of await this.termsOf(tx, key, now)) {
      const { schedule, instalments } = book;
      if (schedule.state !== 'active' || !instalments.some((each) => isUnbilled(each) && isHeld(each))) continue;
      const next = { ...schedule, state: moveSchedule(schedule.state, 'hold'), version: schedule.version + 1 };
      await this.schedules.recut(tx, next);
      await this.tell(tx, book, 'schedule.held', { schedule: next, standing: instalments });
    }
  }

  /** Due as many days after the end as its plan bills ahead: the payer has the time that he always has. */
  async catchUp(tx: Tx, key: HeldPolicyKey, { startsOn, endsOn }: InvoicingHold, now: Date): Promise<void> {
    if (endsOn === null) return;
    const pause: Pause = { start: startsOn, end: endsOn };
    for (const book of await this.termsOf(tx, key, now)) {
      const { schedule, plan, policy, today } = book;
      if (schedule.state !== 'active' && schedule.state !== 'on_hold') continue;
      const dueOn = addDays(endsOn > today ? endsOn : today, plan.generateLeadDays);
      const { timeZone } = policy;
      const rows = buildRecut(book, catchUp(book.instalments, pause, dueOn), { ...plan, timeZone });
      const isReleased = schedule.state === 'on_hold' && !key.isStillHeld;
      if (!isReleased && rows.added.length === 0) continue;
      const state = isReleased ? moveSchedule(schedule.state, 'release') : schedule.state;
      const next = { ...schedule, state, version: schedule.version + 1 };
      await this.instalments.supersede(tx, { tenantId: key.tenantId, id: null }, rows.superseded);
      await this.schedules.recut(tx, next);
      await this.instalments.insert(tx, rows.added);
      await this.instalments.insertLines(tx, key.tenantId, rows.lines);
      const type = isReleased ? 'schedule.released' : 'schedule.recut';
      await this.tell(tx, book, type, { schedule: next, standing: rows.standing });
    }
  }

  private async termsOf(tx: Tx, { tenantId, policyLocator: locator }: HeldPolicyKey, now: Date): Promise<TermBook[]> {
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

function heldBy({ startsOn, endsOn }: InvoicingHold) {
  return ({ dueOn }: { dueOn: string }) => dueOn >= startsOn && (endsOn === null || dueOn < endsOn);
}
