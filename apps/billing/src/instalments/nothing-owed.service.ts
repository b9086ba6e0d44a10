import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { keyOf } from '../domain/identity.ts';
import { moveInstalment } from '../domain/instalment.ts';
import type { Instalment } from '../domain/instalment.ts';
import { moveSchedule, paidThrough } from '../domain/schedule.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import type { Coverage, ScheduleProgress } from '../schedules/schedule.repository.ts';
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
    const paidIds = new Set(settled.map(({ paid }) => paid.id));
    const progress = new Map(coverages.map((each) => [keyOf(each), progressOf(each, paidIds)]));
    await Promise.all([
      this.instalments.update(
        tx,
        settled.map(({ paid }) => paid),
        dues.map(({ instalment }) => instalment.version),
      ),
      this.schedules.updateProgress(tx, [...progress.values()]),
      this.outbox.append(
        tx,
        settled.map(({ due: { policy, lines, cause }, paid }) => {
          const { tenantId, id: subject, version: sequence, scheduleId: id } = paid;
          const { paidThrough: covered = null } = progress.get(keyOf({ tenantId, id })) ?? {};
          const data = instalmentData(paid, { policy, lines, invoiceId: null, paidThrough: covered });
          return { type: 'instalment.paid', tenantId, subject, sequence, data, time: nowOf(tenantId), cause };
        }),
      ),
    ]);
  }
}

function paidOf(instalment: Instalment): Instalment {
  return { ...instalment, state: moveInstalment(instalment.state, 'owe_nothing'), version: instalment.version + 1 };
}

function progressOf(coverage: Coverage, paidIds: ReadonlySet<string>): ScheduleProgress {
  const { tenantId, id, state } = coverage;
  const instalments = coverage.instalments.map((each) =>
    paidIds.has(each.id) ? { ...each, state: 'paid' as const } : each,
  );
  const isPaid = instalments.every((each) => each.state === 'paid' || each.state === 'cancelled');
  return {
    tenantId,
    id,
    state: isPaid && state === 'active' ? moveSchedule(state, 'complete') : state,
    paidThrough: paidThrough(instalments),
  };
}
