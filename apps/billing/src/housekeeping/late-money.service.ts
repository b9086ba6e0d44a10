import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { fundKey, UnappliedFundRepository } from '../allocations/unapplied-fund.repository.ts';
import { DisbursementRequestsService } from '../disbursements/disbursement-requests.service.ts';
import { localDate } from '../domain/zone.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import { ExcessRepository } from './excess.repository.ts';
import { LateFundRepository } from './late-fund.repository.ts';
import type { LateFund } from './late-fund.repository.ts';

/** What came after a lapse, pays nothing that is owed and has reinstated nothing goes back to who paid it (S-63). */
@Injectable()
export class LateMoneyService {
  constructor(
    private readonly late: LateFundRepository,
    private readonly excess: ExcessRepository,
    private readonly funds: UnappliedFundRepository,
    private readonly payments: HeldPaymentsService,
    private readonly requests: DisbursementRequestsService,
  ) {}

  /** One fund a transaction: its payments are locked before it. @returns how many were looked at */
  async run(tx: Tx, scope: SweepScope): Promise<number> {
    const today = localDate(scope.now, 'UTC');
    const fund = await this.late.next(tx, today, scope);
    if (!fund) return 0;
    const amountMinor = await this.lock(tx, fund);
    const isDone = amountMinor === 0n || (await this.giveBack(tx, fund, amountMinor));
    if (isDone) await this.late.givenBack(tx, fund);
    else await this.excess.checked(tx, fund, today);
    return 1;
  }

  /** @returns false where a hold keeps it here: it is asked for again another day */
  private async giveBack(tx: Tx, fund: LateFund, amountMinor: bigint): Promise<boolean> {
    const { tenantId, ownerType, ownerLocator, currency, policyholderLocator } = fund;
    const request = await this.requests.askUnlessHeld(tx, tenantId, {
      ...{ source: { type: 'unapplied', ownerType, ownerLocator }, currency, amountMinor },
      ...{ payeeType: 'insured', payeeLocator: policyholderLocator, method: null, reason: 'Not reinstated' },
    });
    return request !== null;
  }

  /** Of payments since the lapse: what a cancellation gave back lies there as well, and has rules of its own. */
  private async lock(tx: Tx, fund: LateFund): Promise<bigint> {
    const { lapsedOn } = fund;
    const held = await this.payments.lock(tx, await this.funds.paymentsOf(tx, fund));
    return [...held.values()]
      .filter(({ received }) => received.kind === 'payment' && lapsedOn !== null && received.effectiveDate >= lapsedOn)
      .flatMap(({ shares }) => shares.filter((share) => fundKey(share) === fundKey(fund)))
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  }
}
