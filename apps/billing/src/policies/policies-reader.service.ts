import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DelinquencyRepository } from '../delinquency/delinquency.repository.ts';
import { localDate } from '../domain/zone.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { PolicyTermRepository } from './policy-term.repository.ts';
import { PolicyRepository } from './policy.repository.ts';
import type { PolicyKey } from './policy.repository.ts';
import type { IssuedPolicy } from './policy.view.ts';

@Injectable()
export class PoliciesReader {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly terms: PolicyTermRepository,
    private readonly schedules: ScheduleRepository,
    private readonly delinquencies: DelinquencyRepository,
    private readonly time: TenantTime,
  ) {}

  async find(tx: Tx, { tenantId, locator }: PolicyKey): Promise<IssuedPolicy | null> {
    const policy = await this.policies.find(tx, tenantId, locator);
    if (!policy) return null;
    const page = { policyLocator: locator, before: null, limit: 1 };
    const [charges, schedules, terms, open, nowOf] = await Promise.all([
      this.policies.charges(tx, tenantId, locator),
      this.schedules.page(tx, tenantId, page),
      this.terms.ofPolicy(tx, tenantId, locator),
      this.delinquencies.openOf(tx, [{ tenantId, locator }]),
      this.time.of(tx, [tenantId]),
    ]);
    const today = localDate(nowOf(tenantId), policy.timeZone);
    const delinquencies = open.map(({ state }) => state);
    return { policy, charges, scheduleId: schedules[0]?.id ?? null, terms, delinquencies, today };
  }
}
