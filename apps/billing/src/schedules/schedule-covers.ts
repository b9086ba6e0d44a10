import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
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

type OfSchedule = Pick<Instalment, 'tenantId' | 'scheduleId'>;

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
    if (complete(cover) || cover.now.state !== 'completed' || isSettled(instalments)) return;
    cover.now = { ...cover.now, state: moveSchedule('completed', 'reopen') };
  }

  /** Of a schedule that goes on, and of which nothing may be owed any more. */
  settled({ tenantId, id: scheduleId }: TenantKey, policy: PolicyView, occasion: Occasion): NewEvent[] {
    complete(this.coverOf({ tenantId, scheduleId }));
    return this.completed({ tenantId, scheduleId }, policy, occasion);
  }

  paidThrough(instalment: OfSchedule): CalendarDate | null {
    return paidThrough(this.coverOf(instalment).now.instalments);
  }

  /** Once for each time that the last of its instalments was settled. */
  completed(instalment: OfSchedule, policy: PolicyView, occasion: Occasion): NewEvent[] {
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

  private coverOf({ tenantId, scheduleId }: OfSchedule): Cover {
    const cover = this.covers.get(keyOf({ tenantId, id: scheduleId }));
    if (!cover) throw new Error(`schedule ${scheduleId} was not loaded`);
    return cover;
  }
}

/** @returns whether it was completed just now */
function complete(cover: Cover): boolean {
  const { state, version, instalments } = cover.now;
  if (state !== 'active' || !isSettled(instalments)) return false;
  cover.now = { ...cover.now, state: moveSchedule('active', 'complete'), version: version + 1 };
  cover.isNews = true;
  return true;
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
