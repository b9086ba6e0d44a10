import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { keyOf } from '../domain/identity.ts';
import { moveInstalment } from '../domain/instalment.ts';
import type { Instalment } from '../domain/instalment.ts';
import { ScheduleCovers } from '../schedules/schedule-covers.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { DueInstalment } from './due.repository.ts';
import { instalmentData } from './instalment.events.ts';
import { InstalmentRepository } from './instalment.repository.ts';

/** An instalment of nothing gets no invoice: when its date comes it is paid, and cover is paid through its period. */
@Injectable()
export class NothingOwedService {
  constructor(
    private readonly instalments: InstalmentRepository,
    private readonly schedules: ScheduleRepository,
    private readonly outbox: Outbox,
  ) {}

  /** The caller holds the locks of their policies. */
  async settle(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    if (dues.length === 0) return;
    const settled = dues.map((due) => ({ due, paid: paidOf(due.instalment) }));
    const schedules = settled.map(({ paid }) => ({ tenantId: paid.tenantId, id: paid.scheduleId }));
    const coverages = await this.schedules.coverage(tx, [
      ...new Map(schedules.map((key) => [keyOf(key), key])).values(),
    ]);
    const covers = new ScheduleCovers(coverages);
    for (const { paid } of settled) covers.change(paid);
    await Promise.all([
      this.instalments.update(
        tx,
        settled.map(({ paid }) => paid),
        dues.map(({ instalment }) => instalment.version),
      ),
      this.schedules.updateProgress(tx, covers.progress()),
      this.outbox.append(
        tx,
        settled.flatMap(({ due: { policy, lines, cause }, paid }): NewEvent[] => {
          const { tenantId, id: subject, version: sequence } = paid;
          const data = instalmentData(paid, { policy, lines, invoiceId: null, paidThrough: covers.paidThrough(paid) });
          const occasion = { time: nowOf(tenantId), cause };
          return [
            { type: 'instalment.paid', tenantId, subject, sequence, data, ...occasion },
            ...covers.completed(paid, policy, occasion),
          ];
        }),
      ),
    ]);
  }
}

function paidOf(instalment: Instalment): Instalment {
  return { ...instalment, state: moveInstalment(instalment.state, 'owe_nothing'), version: instalment.version + 1 };
}
