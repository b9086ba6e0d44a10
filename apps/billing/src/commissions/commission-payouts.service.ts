import { Injectable, Logger } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { payCommission } from '../domain/commission.ts';
import { DomainError } from '../domain/errors.ts';
import type { CommissionPayout } from '../domain/producer-account.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { ProducerPage } from './commission-agreement.repository.ts';
import { CommissionPayoutRepository } from './commission-payout.repository.ts';
import { book } from './commission.events.ts';
import { CommissionRepository } from './commission.repository.ts';
import { CommissionsService } from './commissions.service.ts';

export interface PayoutTerms {
  readonly producerId: string;
  readonly currency: string;
}

/**
 * Marks as paid what a producer has earned. What a policy owes back, because premium was taken back after its
 * commission was paid, is taken off: so the producer's account never pays out more than its balance.
 */
@Injectable()
export class CommissionPayoutsService {
  private readonly log = new Logger(CommissionPayoutsService.name);

  constructor(
    private readonly policies: PolicyRepository,
    private readonly payouts: CommissionPayoutRepository,
    private readonly commissions: CommissionRepository,
    private readonly accounts: CommissionsService,
    private readonly time: TenantTime,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `nothing_to_pay_out` when the producer has earned nothing, or owes */
  async pay(tx: Tx, tenantId: string, { producerId, currency }: PayoutTerms): Promise<CommissionPayout> {
    const occasion = { time: (await this.time.of(tx, [tenantId]))(tenantId) };
    const account = { tenantId, producerId, currency };
    const policies = await this.commissions.earningPolicies(tx, account);
    await this.policies.lock(tx, policies);
    const held = await this.commissions.earned(tx, account, policies);
    const amountMinor = held.reduce((sum, { commission }) => sum + commission.earnedMinor, 0n);
    if (amountMinor <= 0n) {
      const balance = formatAmount({ minor: amountMinor, currency });
      throw new DomainError('nothing_to_pay_out', `The producer's balance is ${balance} ${currency}.`);
    }
    const payout = { tenantId, id: newId(), producerId, currency, amountMinor, createdAt: this.clock.now() };
    const moves = held.flatMap(({ commission, timeZone }) => {
      const move = payCommission(commission);
      return move ? [{ move, booked: book(move, { timeZone, occasion, payoutId: payout.id }) }] : [];
    });
    await Promise.all([
      this.payouts.insert(tx, payout),
      this.commissions.update(
        tx,
        moves.map(({ move }) => move.after),
      ),
      this.accounts.record(
        tx,
        moves.map(({ booked }) => booked),
      ),
    ]);
    const line = { tenantId, payoutId: payout.id, producerId, amountMinor: Number(amountMinor), currency };
    tx.afterCommit(() => this.log.log({ ...line, policies: moves.length }, 'commission paid out'));
    return payout;
  }

  page(tx: Tx, tenantId: string, page: ProducerPage): Promise<CommissionPayout[]> {
    return this.payouts.page(tx, tenantId, page);
  }
}
