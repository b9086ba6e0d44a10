import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { ForeignCall } from '@quittance/service-kit/database/idempotency';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PaymentsConfig } from '../config.ts';
import { DomainError, fieldError } from '../domain/errors.ts';
import { assertPaid } from '../domain/payment-link.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import { RefundRequests } from '../refunds/refund-requests.service.ts';
import type { AskedRefund } from '../refunds/refund-requests.service.ts';
import type { LinkKey } from './link-request.ts';
import { PaymentLinksService } from './payment-links.service.ts';

const askEveryMs = 100;

export type LinkRefund = Pick<AskedRefund, 'amountMinor' | 'reason' | 'requestedBy'>;

/**
 * Gives back what a link has brought in. The refund is one like any other: asked for in one commit, sent by the worker.
 * The request waits for its outcome as long as a provider may take, so that its answer shows what was given back; a
 * refund that takes longer, or a second person, moves the link when it is through.
 */
@Injectable()
export class LinkRefunds {
  constructor(
    private readonly db: Database,
    private readonly links: PaymentLinksService,
    private readonly refunds: RefundRequests,
    private readonly config: PaymentsConfig,
  ) {}

  /** `show` makes the answer of the link as it is then. */
  refund<T>(key: LinkKey, asked: LinkRefund, show: (link: PaymentLink) => T): ForeignCall<string, void, T> {
    const waitMs = this.config.providerTimeoutMs + 1_000;
    return {
      leaseMs: waitMs + 1_000,
      // The operation is the refund: a repetition finds it by the same id.
      begin: (tx, id) => this.request(tx, key, { ...asked, id, destination: null }),
      resume: (_tx, id) => Promise.resolve(id),
      call: (id) => this.settled({ tenantId: key.tenantId, id }, waitMs),
      finish: async (tx) => show(await this.links.get(tx, key)),
    };
  }

  private async request(tx: Tx, key: LinkKey, asked: AskedRefund): Promise<string> {
    const link = await this.links.get(tx, key);
    assertPaid(link);
    const payment = { tenantId: key.tenantId, id: link.paymentId! };
    const refund = await this.refunds.request(tx, payment, asked).catch((error: unknown) => {
      if (!(error instanceof DomainError) || error.code !== 'exceeds_refundable') throw error;
      throw fieldError('exceeds_refundable', '/amount_cents', error.message);
    });
    return refund.id;
  }

  private async settled(key: LinkKey, waitMs: number): Promise<void> {
    for (let waited = 0; waited < waitMs; waited += askEveryMs) {
      const { state, providerRef } = await this.db.withTenant(key.tenantId, (tx) => this.refunds.get(tx, key));
      // What the provider has a name for already will take its days.
      if (!['requested', 'approved', 'processing'].includes(state) || providerRef !== null) return;
      await setTimeout(askEveryMs);
    }
  }
}
