import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { ReceivedPaymentRepository } from './received-payment.repository.ts';
import { SuspenseItemRepository } from './suspense-item.repository.ts';
import { UnappliedFundRepository } from './unapplied-fund.repository.ts';
import { UnappliedFundsService } from './unapplied-funds.service.ts';

type ReversedPayment = QuittanceEvent<'payment.reversed'>;

/** The part of a reversal that is about money which paid no invoice. */
@Injectable()
export class ReturnsService {
  constructor(
    private readonly received: ReceivedPaymentRepository,
    private readonly suspense: SuspenseItemRepository,
    private readonly fundRows: UnappliedFundRepository,
    private readonly funds: UnappliedFundsService,
  ) {}

  /**
   * Those whose payment is posted here; one that is reversed already is done.
   * @throws PoisonError for a payment that never was posted here: its money is nowhere in these books
   */
  async posted(tx: Tx, events: readonly ReversedPayment[]): Promise<ReversedPayment[]> {
    const once = [...new Map(events.map((event) => [keyOf(paymentKey(event)), event])).values()];
    const found = new Map((await this.received.lock(tx, once.map(paymentKey))).map((row) => [keyOf(row), row]));
    return once.filter((event) => {
      const payment = found.get(keyOf(paymentKey(event)));
      if (!payment) throw new PoisonError(`payment ${event.data.locator} was reversed and never posted`);
      return payment.state === 'posted';
    });
  }

  /** Takes the locks of funds: after those of the policies. */
  async take(tx: Tx, events: readonly ReversedPayment[], nowOf: NowOf): Promise<void> {
    const keys = events.map(paymentKey);
    const causes = new Map(events.map((event) => [keyOf(paymentKey(event)), event]));
    const shares = await this.fundRows.shares(tx, keys);
    await Promise.all([
      this.received.reverse(tx, keys),
      this.suspense.returnOpen(tx, keys),
      this.funds.change(
        tx,
        shares.map(({ amountMinor, ...share }) => ({
          ...share,
          deltaMinor: -amountMinor,
          occasion: {
            time: nowOf(share.tenantId),
            cause: causes.get(keyOf({ tenantId: share.tenantId, id: share.paymentLocator }))!,
          },
        })),
      ),
    ]);
  }
}

function paymentKey({ tenantid, data }: ReversedPayment): TenantKey {
  return { tenantId: tenantid, id: data.locator };
}
