import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { ReceivableRepository } from '../allocations/receivable.repository.ts';
import type { Receivable } from '../allocations/receivable.repository.ts';
import { keyOf } from '../domain/identity.ts';
import { paidThrough } from '../domain/schedule.ts';
import { instalmentData } from '../instalments/instalment.events.ts';
import type { SweepTime } from '../instalments/sweep-scope.ts';
import { Turns } from '../instalments/turns.ts';
import { invoiceData } from '../invoices/invoice.events.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import type { Coverage } from '../schedules/schedule.repository.ts';
import { PastDueNewsRepository } from './past-due-news.repository.ts';

/** No tenant takes more than half of a batch while another waits. */
const BATCH = { share: 200, limit: 400 };

/** Says once of each due date that passed, and on which more is owed than is as good as paid, what is past due. */
@Injectable()
export class PastDueNewsService {
  private readonly turns = new Turns();

  constructor(
    private readonly rows: PastDueNewsRepository,
    private readonly receivables: ReceivableRepository,
    private readonly schedules: ScheduleRepository,
    private readonly outbox: Outbox,
  ) {}

  /** One batch. @returns how many were looked at */
  async run(tx: Tx, time: SweepTime): Promise<number> {
    const { now } = time;
    const claimed = await this.turns.claim(time, BATCH, (scope) => this.rows.claim(tx, scope));
    if (claimed.count === 0) return 0;
    const debts = await this.receivables.byInvoice(tx, await this.rows.judge(tx, now, claimed.keys));
    const keys = debts.flatMap(({ instalment: each }) =>
      each ? [{ tenantId: each.tenantId, id: each.scheduleId }] : [],
    );
    const distinct = [...new Map(keys.map((key) => [keyOf(key), key])).values()];
    const coverages = new Map((await this.schedules.coverage(tx, distinct)).map((each) => [keyOf(each), each]));
    await this.outbox.append(
      tx,
      debts.flatMap((debt) => pastDueEvents(debt, coverages, now)),
    );
    return claimed.count;
  }

  isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return this.rows.isAnyLeft(tx, now, tenantId);
  }
}

/** Past due is no state: both are as they were. */
function pastDueEvents(debt: Receivable, coverages: ReadonlyMap<string, Coverage>, time: Date): NewEvent[] {
  const { invoice, instalment, policy } = debt;
  const { tenantId, id: invoiceId, version: sequence } = invoice;
  const data = invoiceData(invoice, policy);
  const ofInvoice: NewEvent = { type: 'invoice.past_due', tenantId, subject: invoiceId, sequence, data, time };
  if (!instalment) return [ofInvoice];
  const cover = coverages.get(keyOf({ tenantId, id: instalment.scheduleId }));
  const covered = cover ? paidThrough(cover.instalments) : null;
  const { id: subject, version } = instalment;
  const told = instalmentData(instalment, { policy, lines: invoice.items, invoiceId, paidThrough: covered });
  return [ofInvoice, { type: 'instalment.past_due', tenantId, subject, sequence: version, data: told, time }];
}
