import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CommissionsService } from '../commissions/commissions.service.ts';
import { DelinquencyRepository } from '../delinquency/delinquency.repository.ts';
import { PolicyEquityRepository } from '../equity/policy-equity.repository.ts';
import type { TouchedPolicy } from './receivable-book.ts';

/** What hangs on the debts and charges of a policy, whatever changed them: call it after the statements that did. */
@Injectable()
export class TouchedPolicies {
  constructor(
    private readonly commissions: CommissionsService,
    private readonly delinquencies: DelinquencyRepository,
    private readonly equities: PolicyEquityRepository,
  ) {}

  async follow(tx: Tx, policies: readonly TouchedPolicy[]): Promise<void> {
    if (policies.length === 0) return;
    const wakings = policies.map(({ occasion, ...policy }) => ({ ...policy, at: occasion.time }));
    await Promise.all([
      this.commissions.follow(tx, policies),
      this.delinquencies.wake(tx, wakings),
      this.equities.mark(tx, wakings),
    ]);
  }
}
