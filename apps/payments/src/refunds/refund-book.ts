import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { DisbursementDecision } from '../domain/disbursement.ts';
import { notFound } from '../domain/errors.ts';
import type { RefundCase, RefundFact } from '../domain/refund.ts';
import type { PaidDecision } from '../domain/refund-check.ts';
import { NewDisbursements } from '../disbursements/new-disbursements.ts';
import { LinkFacts } from '../payment-links/link-facts.service.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import { refundEvent } from './refund-event.ts';
import { RefundRepository } from './refund.repository.ts';
import type { RefundKey, RefundOfPayment } from './refund.repository.ts';

/**
 * Refunds with their payments: locked together, the payment first as everybody who locks both, and written together
 * with what is said about them.
 */
@Injectable()
export class RefundBook {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
    private readonly disbursements: NewDisbursements,
    private readonly links: LinkFacts,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async lock(tx: Tx, key: RefundKey): Promise<RefundCase> {
    const found = await this.refunds.find(tx, key);
    const [locked] = found ? await this.lockMany(tx, [found]) : [];
    if (!locked) throw notFound('refund', key.id);
    return locked;
  }

  async lockMany(tx: Tx, refunds: readonly RefundOfPayment[]): Promise<RefundCase[]> {
    if (refunds.length === 0) return [];
    const [payments, locked] = await Promise.all([
      this.payments.lockMany(
        tx,
        refunds.map(({ tenantId, paymentId: id }) => ({ tenantId, id })),
      ),
      this.refunds.lockMany(tx, refunds),
    ]);
    const paymentOf = new Map(payments.map((payment) => [`${payment.tenantId} ${payment.id}`, payment]));
    return locked.map((refund) => ({ refund, payment: paymentOf.get(`${refund.tenantId} ${refund.paymentId}`)! }));
  }

  /** A refund that is new. */
  async insert(tx: Tx, { decision, payout }: PaidDecision): Promise<void> {
    await Promise.all([this.payments.update(tx, [decision.payment]), this.refunds.insert(tx, decision.refund)]);
    await this.say(tx, decision.facts, payout);
  }

  async save(tx: Tx, { decision, payout }: PaidDecision): Promise<void> {
    await Promise.all([this.payments.update(tx, [decision.payment]), this.refunds.update(tx, [decision.refund])]);
    await this.say(tx, decision.facts, payout);
    // A link shows what was given back of its payment; it takes up nothing twice.
    await this.links.followRefund(tx, decision.payment);
  }

  private async say(tx: Tx, facts: readonly RefundFact[], payout?: DisbursementDecision): Promise<void> {
    const now = this.clock.now();
    await this.outbox.append(
      tx,
      facts.map((fact) => refundEvent(fact, now)),
    );
    if (payout) await this.disbursements.create(tx, [payout]);
  }
}
