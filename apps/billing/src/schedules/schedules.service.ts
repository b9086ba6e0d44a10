import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { Schedule } from '../domain/schedule.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import type { InstalmentPage } from '../instalments/instalment.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { ScheduleRepository } from './schedule.repository.ts';
import type { SchedulePage } from './schedule.repository.ts';
import type { InstalmentsView, ScheduleView } from './schedule.view.ts';

@Injectable()
export class SchedulesService {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly instalments: InstalmentRepository,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  page(tx: Tx, tenantId: string, page: SchedulePage): Promise<Schedule[]> {
    return this.schedules.page(tx, tenantId, page);
  }

  /** @returns null where there is no such schedule */
  async instalmentsOf(tx: Tx, key: TenantKey, page: InstalmentPage): Promise<InstalmentsView | null> {
    const schedule = await this.schedules.find(tx, key);
    if (!schedule) return null;
    const { tenantId, policyLocator } = schedule;
    const instalments = await this.instalments.page(tx, key, page);
    const ids = instalments.map(({ id }) => id);
    const [lines, policy, nowOf] = await Promise.all([
      this.instalments.linesOf(tx, tenantId, ids),
      this.policies.find(tx, tenantId, policyLocator),
      this.time.of(tx, [tenantId]),
    ]);
    return { instalments, lines, now: nowOf(tenantId), timeZone: policy?.timeZone ?? 'UTC' };
  }

  async find(tx: Tx, key: TenantKey): Promise<ScheduleView | null> {
    const schedule = await this.schedules.find(tx, key);
    if (!schedule) return null;
    const { tenantId, policyLocator } = schedule;
    const [instalments, lines, policy, nowOf] = await Promise.all([
      this.instalments.ofSchedule(tx, key),
      this.instalments.linesOfSchedule(tx, key),
      this.policies.find(tx, tenantId, policyLocator),
      this.time.of(tx, [tenantId]),
    ]);
    return { schedule, instalments, lines, now: nowOf(tenantId), timeZone: policy?.timeZone ?? 'UTC' };
  }
}
