import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { fundKey, UnappliedFundRepository } from '../allocations/unapplied-fund.repository.ts';
import { DisbursementRequestsService } from '../disbursements/disbursement-requests.service.ts';
import { excessOf } from '../domain/excess.ts';
import { localDate } from '../domain/zone.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { BillingSettingsRepository } from '../settings/billing-settings.repository.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import { ExcessRepository } from './excess.repository.ts';
import type { HeldFund } from './excess.repository.ts';

/** Unapplied money that its owner has too much of is paid out, where a tenant says so: looked at once a day. */
@Injectable()
export class ExcessService {
  constructor(
    private readonly excess: ExcessRepository,
    private readonly settings: BillingSettingsRepository,
    private readonly funds: UnappliedFundRepository,
    private readonly payments: HeldPaymentsService,
    private readonly requests: DisbursementRequestsService,
  ) {}

  /** One fund a transaction: its payments are locked before it. @returns how many were looked at */
  async run(tx: Tx, scope: SweepScope): Promise<number> {
    const today = localDate(scope.now, 'UTC');
    const fund = await this.excess.next(tx, today, scope);
    if (!fund) return 0;
    const heldMinor = await this.lock(tx, fund);
    const settingsOf = await this.settings.of(tx, [fund.tenantId]);
    const { debts, policyholderLocator } = await this.excess.debtsOf(tx, fund, scope.now);
    const amountMinor = excessOf(heldMinor, fund.currency, debts, settingsOf(fund.tenantId).excess);
    if (amountMinor > 0n) {
      const { ownerType, ownerLocator, currency } = fund;
      await this.requests.askUnlessHeld(tx, fund.tenantId, {
        ...{ source: { type: 'unapplied', ownerType, ownerLocator }, currency, amountMinor },
        ...{ payeeType: 'insured', payeeLocator: policyholderLocator, method: null, reason: 'Excess credit' },
      });
    }
    await this.excess.checked(tx, fund, today);
    return 1;
  }

  /** What of it is ours to pay out: what a partner has collected, the partner holds. */
  private async lock(tx: Tx, fund: HeldFund): Promise<bigint> {
    const held = await this.payments.lock(tx, await this.funds.paymentsOf(tx, fund));
    return [...held.values()]
      .flatMap(({ shares }) => shares)
      .filter((share) => fundKey(share) === fundKey(fund) && share.kind !== 'partner')
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  }
}
