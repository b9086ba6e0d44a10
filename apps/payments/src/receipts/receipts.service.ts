import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '../domain/errors.ts';
import type { Receipt, ReceiptCopy } from '../domain/receipt.ts';
import { PaymentLinkRepository } from '../payment-links/payment-link.repository.ts';
import { PaymentMethodRepository } from '../payment-methods/payment-method.repository.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import { ReceiptRepository } from './receipt.repository.ts';

@Injectable()
export class ReceiptsService {
  constructor(
    private readonly receipts: ReceiptRepository,
    private readonly payments: PaymentRepository,
    private readonly methods: PaymentMethodRepository,
    private readonly links: PaymentLinkRepository,
  ) {}

  async copy(tx: Tx, { tenantId, id }: { tenantId: string; id: string }): Promise<ReceiptCopy> {
    const receipt = await this.receipts.find(tx, { tenantId, id });
    const payment = receipt && (await this.payments.find(tx, { tenantId, id: receipt.paymentId }));
    if (!payment) throw notFound('receipt', id);
    const { paymentMethodId, linkId } = payment;
    const [method, link] = await Promise.all([
      paymentMethodId === null ? null : this.methods.find(tx, { tenantId, id: paymentMethodId }),
      linkId === null ? null : this.links.find(tx, { tenantId, id: linkId }),
    ]);
    return { receipt, payment, method, link };
  }

  /** Newest first; of one payment there is one at most. */
  list(
    tx: Tx,
    { tenantId, paymentId, ...page }: { tenantId: string; paymentId?: string; beforeId: string | null; limit: number },
  ): Promise<Receipt[]> {
    return paymentId === undefined
      ? this.receipts.page(tx, { tenantId, ...page })
      : this.receipts.findOfPayment(tx, tenantId, paymentId);
  }
}
