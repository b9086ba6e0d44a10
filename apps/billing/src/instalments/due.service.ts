import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { AnnounceRepository } from './announce.repository.ts';
import type { Announcement } from './announce.repository.ts';
import { BillService } from './bill.service.ts';
import { DueRepository } from './due.repository.ts';
import type { DueInstalment } from './due.repository.ts';

const released = metrics.counter('billing_instalments_released_total', 'Instalments that became due');

/** Says once of each instalment that it is due, and with it asks for the first charge. */
@Injectable()
export class DueService {
  constructor(
    private readonly dues: DueRepository,
    private readonly billing: BillService,
    private readonly announcements: AnnounceRepository,
  ) {}

  /**
   * Bills what of new schedules is to be billed by now, and announces what of it is due by now, where nothing holds it.
   * The caller holds the policies' locks.
   */
  async release(tx: Tx, made: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    const dues = await this.dues.free(tx, made);
    await this.bill(tx, dues, nowOf);
    await this.announceDue(tx, dues, nowOf);
  }

  /** Issues their invoices; what pays at once may come between this and `announceDue`. */
  bill(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    return this.billing.bill(tx, dues, nowOf);
  }

  /** What of these is due by now, and still owed. */
  async announceDue(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    const due = dues.filter(({ instalment, dueAt }) => dueAt <= nowOf(instalment.tenantId));
    // Tenants on test clocks have a now of their own.
    for (const [time, group] of Map.groupBy(due, ({ instalment }) => nowOf(instalment.tenantId).getTime())) {
      await this.announce(tx, announcementOf(group, new Date(time)));
    }
  }

  async announce(tx: Tx, announcement: Announcement): Promise<number> {
    const announced = await this.announcements.announce(tx, announcement);
    tx.afterCommit(() => released.inc(announced));
    return announced;
  }
}

function announcementOf(dues: readonly DueInstalment[], now: Date): Announcement {
  return {
    tenantIds: dues.map(({ instalment }) => instalment.tenantId),
    ids: dues.map(({ instalment }) => instalment.id),
    zones: [...new Set(dues.map(({ policy }) => policy.timeZone))],
    now,
    causes: {
      correlationIds: dues.map(({ cause }) => cause?.correlationid ?? cause?.id ?? null),
      causationIds: dues.map(({ cause }) => cause?.id ?? null),
      traceparents: dues.map(({ cause }) => cause?.traceparent ?? null),
    },
  };
}
