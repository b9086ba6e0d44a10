import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { FlagsService } from '../flags/flags.service.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import { RefundRequests } from '../refunds/refund-requests.service.ts';
import { PaymentLinkRepository } from './payment-link.repository.ts';

/**
 * Money that a link brought in beyond the one payment that it keeps: a second success, or one after it was closed. It
 * stands in suspense and is given back, once: a payment that has a refund, whatever became of it, is not taken again.
 */
@Injectable()
export class SurplusService {
  constructor(
    private readonly links: PaymentLinkRepository,
    private readonly payments: PaymentRepository,
    private readonly flags: FlagsService,
    private readonly refunds: RefundRequests,
  ) {}

  async giveBack(tx: Tx, limit: number): Promise<number> {
    const surplus = await this.links.findSurplus(tx, limit);
    const locked = await this.payments.lockMany(
      tx,
      surplus.map(({ tenantId, paymentId: id }) => ({ tenantId, id })),
    );
    for (const payment of locked) {
      const { tenantId, id, displayId } = payment;
      const detail = `${displayId} came in by a link that was paid or closed already.`;
      await this.flags.raise(tx, payment, { reason: 'paid_twice', detail });
      const asked = { amountMinor: null, reason: 'Paid twice by one link', destination: null };
      await this.refunds.request(tx, { tenantId, id }, { ...asked, requestedBy: 'payment-links' });
    }
    return locked.length;
  }
}
