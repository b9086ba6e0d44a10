import { Injectable } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { SweepTime } from '../instalments/sweep-scope.ts';
import { Turns } from '../instalments/turns.ts';
import { UpcomingRepository } from './upcoming.repository.ts';
import type { Upcoming } from './upcoming.repository.ts';

/** No tenant takes more than half of a batch while another waits. */
const BATCH = { share: 200, limit: 400 };

/** Says once of each instalment that it is to be paid soon, for tenants who say how many days before. */
@Injectable()
export class UpcomingService {
  private readonly turns = new Turns();

  constructor(
    private readonly rows: UpcomingRepository,
    private readonly outbox: Outbox,
  ) {}

  /** One batch. @returns how many were looked at */
  async run(tx: Tx, time: SweepTime): Promise<number> {
    const { now } = time;
    const claimed = await this.turns.claim(time, BATCH, (scope) => this.rows.claim(tx, scope));
    if (claimed.count === 0) return 0;
    const upcoming = await this.rows.tell(tx, now, claimed.keys);
    await this.outbox.append(
      tx,
      upcoming.map((each) => invoiceUpcoming(each, now)),
    );
    return claimed.count;
  }

  isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return this.rows.isAnyLeft(tx, now, tenantId);
  }
}

/** About the instalment: its invoice need not be there yet. */
function invoiceUpcoming(upcoming: Upcoming, time: Date): NewEvent {
  const { tenantId, id: subject, version: sequence, invoiceId, balanceMinor, currency } = upcoming;
  const { scheduleId, number, policyLocator, policyholderLocator, collection, daysBefore, dueOn } = upcoming;
  const whose = { policyLocator, policyholderLocator, instalmentId: subject, scheduleId, number, collection };
  const invoice = invoiceId === null ? {} : { invoiceLocator: invoiceId };
  const amount = toWire({ minor: balanceMinor, currency });
  const data = { ...whose, ...invoice, daysBefore, amount, dueOn };
  return { type: 'invoice.upcoming', tenantId, subject, sequence, data, time };
}
