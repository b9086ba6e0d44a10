import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { AutoApplyService } from '../allocations/auto-apply.service.ts';
import type { Occasion } from '../allocations/occasion.ts';
import { UnappliedFundRepository } from '../allocations/unapplied-fund.repository.ts';
import { DisbursementRequestsService } from '../disbursements/disbursement-requests.service.ts';
import type { Policy } from '../domain/policy.ts';
import { DueRepository } from '../instalments/due.repository.ts';
import { DueService } from '../instalments/due.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';

export interface Carrying {
  readonly policy: Policy;
  readonly isCarried: boolean;
  readonly occasion: Occasion;
  readonly nowOf: NowOf;
}

/** What is unapplied when a policy is renewed: it pays the new term, or its owner gets it back. */
@Injectable()
export class CarriedMoneyService {
  constructor(
    private readonly dues: DueRepository,
    private readonly due: DueService,
    private readonly funds: UnappliedFundRepository,
    private readonly unapplied: AutoApplyService,
    private readonly disbursements: DisbursementRequestsService,
  ) {}

  async settle(tx: Tx, { policy, isCarried, occasion, nowOf }: Carrying): Promise<void> {
    const { tenantId, locator, currency } = policy;
    const key = { tenantId, locator };
    if (!isCarried) await this.payOut(tx, { tenantId, locator, currency });
    const found = await this.dues.ofPolicy(tx, key, nowOf(tenantId));
    const dues = found.map((each) => ({ ...each, cause: occasion.cause }));
    await this.due.bill(tx, dues, nowOf);
    await this.unapplied.apply(tx, [key], nowOf);
    // After the money that lay there: only what is left is asked for.
    await this.due.announceDue(tx, dues, nowOf);
  }

  private async payOut(tx: Tx, { tenantId, locator, currency }: Pick<Policy, 'tenantId' | 'locator' | 'currency'>) {
    const owner = { tenantId, ownerType: 'policy' as const, ownerLocator: locator, currency };
    const [fund] = await this.funds.lock(tx, [owner]);
    if (!fund || fund.balanceMinor === 0n) return;
    await this.disbursements.askUnlessHeld(tx, tenantId, {
      source: { type: 'unapplied', ownerType: 'policy', ownerLocator: locator },
      ...{ currency, amountMinor: fund.balanceMinor, payeeType: 'insured', payeeLocator: null },
      ...{ method: null, reason: 'not carried forward' },
    });
  }
}
