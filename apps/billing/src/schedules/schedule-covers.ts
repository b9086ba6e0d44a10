import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { keyOf } from '../domain/identity.ts';
import type { Instalment } from '../domain/instalment.ts';
import { isSettled, moveSchedule, paidThrough } from '../domain/schedule.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { PolicyView } from '../instalments/instalment.events.ts';
import type { Coverage, ScheduleProgress } from './schedule.repository.ts';

interface Cover {
  readonly id: string;
  now: Coverage;
  /** It was completed, and nobody has been told yet. */
  isNews: boolean;
}

/** How far the schedules of some instalments are paid, while these change. */
export class ScheduleCovers {
  private readonly covers: Map<string, Cover>;

  constructor(coverages: readonly Coverage[]) {
    this.covers = new Map(coverages.map((now) => [keyOf(now), { id: now.id, now, isNews: false }]));
  }

  change(instalment: Instalment): void {
    const cover = this.coverOf(instalment);
    const { id, state } = instalment;
    const instalments = cover.now.instalments.map((each) => (each.id === id ? { ...each, state } : each));
    cover.now = { ...cover.now, instalments };
    const isDone = isSettled(instalments);
    if (isDone && cover.now.state === 'active') {
      cover.now = { ...cover.now, state: moveSchedule('active', 'complete'), version: cover.now.version + 1 };
      cover.isNews = true;
    }
    if (!isDone && cover.now.state === 'completed') {
      cover.now = { ...cover.now, state: moveSchedule('completed', 'reopen') };
    }
  }

  paidThrough(instalment: Instalment): CalendarDate | null {
    return paidThrough(this.coverOf(instalment).now.instalments);
  }

  /** Once for each time that the last of its instalments was settled. */
  completed(instalment: Instalment, policy: PolicyView, occasion: Occasion): NewEvent[] {
    const cover = this.coverOf(instalment);
    if (!cover.isNews) return [];
    cover.isNews = false;
    return [scheduleCompleted({ ...cover.now, paidThrough: this.paidThrough(instalment) }, policy, occasion)];
  }

  progress(): ScheduleProgress[] {
    return [...this.covers.values()].map(({ now: { tenantId, id, state, version, instalments } }) => ({
      ...{ tenantId, id, state, version, paidThrough: paidThrough(instalments) },
    }));
  }

  private coverOf({ tenantId, scheduleId }: Instalment): Cover {
    const cover = this.covers.get(keyOf({ tenantId, id: scheduleId }));
    if (!cover) throw new Error(`schedule ${scheduleId} was not loaded`);
    return cover;
  }
}

type CompletedSchedule = Pick<
  Schedule,
  'tenantId' | 'id' | 'plan' | 'state' | 'currency' | 'totalMinor' | 'paidThrough' | 'version'
>;

export function scheduleCompleted(
  { tenantId, id: subject, version: sequence, plan, state, currency, totalMinor, paidThrough: end }: CompletedSchedule,
  { locator: policyLocator, policyholderLocator }: Pick<PolicyView, 'locator' | 'policyholderLocator'>,
  { time, cause }: Occasion,
): NewEvent {
  const total = toWire({ minor: totalMinor, currency });
  const whose = { scheduleId: subject, policyLocator, policyholderLocator };
  const data = { ...whose, plan, state, currency, total, paidThrough: end };
  return { type: 'schedule.completed', tenantId, subject, sequence, data, time, cause };
}
