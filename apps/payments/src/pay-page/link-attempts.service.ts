import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Attempt } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import type { Receipt, ReceiptCopy } from '../domain/receipt.ts';
import type { Payment } from '../domain/payment.ts';
import { PaymentLinkRepository } from '../payment-links/payment-link.repository.ts';
import type { LinkKey } from '../payment-links/link-request.ts';
import { PaymentMethodsService } from '../payment-methods/payment-methods.service.ts';
import { AttemptRepository } from '../payments/attempt.repository.ts';
import { AttemptsService } from '../payments/attempts.service.ts';
import { CapturesService } from '../payments/captures.service.ts';
import type { TokenInstrument } from '../payments/captures.service.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import { ReceiptsService } from '../receipts/receipts.service.ts';

export interface Instrument {
  readonly token: string;
  readonly described: NonNullable<TokenInstrument>;
  /** The customer has agreed on the page that it is kept for the payments that follow. */
  readonly isStored: boolean;
}

/** A link's payment and its attempt, and what the page shows of them. */
@Injectable()
export class LinkAttempts {
  constructor(
    private readonly links: PaymentLinkRepository,
    private readonly payments: PaymentRepository,
    private readonly attempts: AttemptRepository,
    private readonly methods: PaymentMethodsService,
    private readonly captures: CapturesService,
    private readonly outcomes: AttemptsService,
    private readonly receipts: ReceiptsService,
  ) {}

  /** For a link that the caller holds locked and has found payable: its one payment under way. */
  async begin(tx: Tx, link: PaymentLink, { token, described, isStored }: Instrument): Promise<Attempt> {
    const { tenantId, employerId: policyholderLocator } = link;
    const paidWith = isStored
      ? { paymentMethodId: (await this.methods.add(tx, tenantId, { ...described, token, policyholderLocator })).id }
      : { token };
    const input = {
      ...{ amountMinor: link.amountMinor, currency: link.currency, fieldValues: {}, policyholderLocator },
      ...{ policyLocator: link.policyId, invoiceLocator: link.invoiceLocator, statementLocator: null },
      ...{ merchantId: null, locationId: null },
    };
    const request = { kind: 'charge', ...paidWith, input, capture: true, linkId: link.id } as const;
    const asked = { tenantId, operationId: null, request, token: isStored ? null : described };
    const senderOf = (provider: string) => this.outcomes.senderOf(provider);
    return (await this.captures.begin(tx, { ...asked, senderOf })).attempt;
  }

  record(tx: Tx, attempt: Attempt, outcome: ProviderOutcome): Promise<void> {
    return this.outcomes.record(tx, [{ attempt, outcome }]);
  }

  /** The latest payment of a link and, while it is open, its attempt. */
  async latest(
    tx: Tx,
    { tenantId, paymentId }: PaymentLink,
  ): Promise<{ payment: Payment; attempt: Attempt | null } | null> {
    const payment = paymentId === null ? null : await this.payments.find(tx, { tenantId, id: paymentId });
    if (payment === null) return null;
    const key = { tenantId, paymentId: payment.id, n: payment.attemptNo };
    return { payment, attempt: await this.attempts.find(tx, key) };
  }

  /** The receipt of the payment that the link keeps. */
  async receiptOf(tx: Tx, { tenantId, completedAt, paymentId }: PaymentLink): Promise<Receipt | null> {
    if (completedAt === null || paymentId === null) return null;
    const [receipt] = await this.receipts.list(tx, { tenantId, paymentId, beforeId: null, limit: 1 });
    return receipt ?? null;
  }

  copyOf(tx: Tx, { tenantId, id }: Receipt): Promise<ReceiptCopy> {
    return this.receipts.copy(tx, { tenantId, id });
  }

  /** Whether a request waits at this moment for what the provider says. */
  async isUnderWay(tx: Tx, key: LinkKey): Promise<boolean> {
    const link = await this.links.find(tx, key);
    if (link?.status !== 'processing') return false;
    return (await this.latest(tx, link))?.attempt?.state === 'submitted';
  }
}
