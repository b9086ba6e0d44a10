import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { decideDelinquency } from '../domain/delinquency.ts';
import type { Delinquency } from '../domain/delinquency.ts';
import type { TenantKey } from '../domain/identity.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { DelinquenciesService } from './delinquencies.service.ts';
import type { NoticeRow } from './delinquency.entity.ts';
import { DelinquencyRepository } from './delinquency.repository.ts';
import type { DelinquencyPage } from './delinquency.repository.ts';

export interface DelinquencyFile {
  readonly delinquency: Delinquency;
  readonly earlierNotices: readonly NoticeRow[];
}

/** What people see of delinquencies, and decide where no rule does. */
@Injectable()
export class DelinquencyFilesService {
  constructor(
    private readonly delinquencies: DelinquencyRepository,
    private readonly following: DelinquenciesService,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  page(tx: Tx, tenantId: string, page: DelinquencyPage): Promise<Delinquency[]> {
    return this.delinquencies.page(tx, tenantId, page);
  }

  async find(tx: Tx, key: TenantKey): Promise<DelinquencyFile | null> {
    const delinquency = await this.delinquencies.find(tx, key);
    if (!delinquency) return null;
    return { delinquency, earlierNotices: await this.delinquencies.earlierNotices(tx, delinquency) };
  }

  /**
   * @returns null where there is no such delinquency
   * @throws DomainError `invalid_transition` when it is not in review
   */
  async decide(tx: Tx, key: TenantKey, outcome: 'settled' | 'closed'): Promise<DelinquencyFile | null> {
    const found = await this.delinquencies.find(tx, key);
    if (!found) return null;
    const { tenantId } = key;
    const policy = { tenantId, locator: found.policyLocator };
    await this.policies.lock(tx, [policy]);
    // Read again under the lock; one that is not open any more is refused by the same rule.
    const current = await this.delinquencies.find(tx, key);
    const decided = decideDelinquency(current!, outcome);
    const nowOf = await this.time.of(tx, [tenantId]);
    await this.following.change(tx, [policy], nowOf, () => [
      { delinquency: decided, facts: [{ type: outcome, delinquency: decided }] },
    ]);
    return this.find(tx, key);
  }
}
