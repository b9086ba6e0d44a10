import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { followPayment, followRefund, isMethodStored } from '../domain/payment-link.ts';
import type { LinkDecision, LinkFact, PaymentLink } from '../domain/payment-link.ts';
import type { Payment, PaymentFact } from '../domain/payment.ts';
import { PaymentMethodsService } from '../payment-methods/payment-methods.service.ts';
import type { Origin } from '../payments/payment-event.ts';
import { linkEvent } from './payment-link-event.ts';
import { PaymentLinkRepository } from './payment-link.repository.ts';

const told = metrics.counter('payments_link_changes_total', 'What became of payment links.', ['type']);

type SaidOfLink = PaymentFact & { readonly origin?: Origin | undefined };

/**
 * What payments do to their links, in the transaction of the payment's own change: there is no posted payment whose
 * link is still open, and none that is completed without one. Who locks both locks the payment first.
 */
@Injectable()
export class LinkFacts {
  private readonly log = new Logger(LinkFacts.name);

  constructor(
    private readonly links: PaymentLinkRepository,
    private readonly methods: PaymentMethodsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async follow(tx: Tx, facts: readonly SaidOfLink[]): Promise<void> {
    const ofLinks = facts.filter(({ payment }) => payment.linkId !== null);
    if (ofLinks.length === 0) return;
    const now = this.clock.now();
    const keys = ofLinks.map(({ payment }) => ({ tenantId: payment.tenantId, id: payment.linkId! }));
    const links = new Map((await this.links.lockMany(tx, keys)).map((link) => [link.id, link]));
    const said = ofLinks.flatMap(({ origin, ...fact }) => {
      const link = links.get(fact.payment.linkId!);
      const decision = link ? followPayment(link, fact, now) : null;
      if (!decision) return [];
      links.set(decision.next.id, decision.next);
      return [{ decision, origin, payment: fact.payment }];
    });
    await this.record(tx, said);
    for (const { decision, payment } of said) await this.forget(tx, decision.next, payment);
  }

  /** A method was stored for what follows a payment. That was not made: nothing follows, and nothing is kept. */
  private async forget(tx: Tx, link: PaymentLink, { tenantId, state, paymentMethodId: id }: Payment): Promise<void> {
    if (state !== 'declined' || !isMethodStored(link) || id === null) return;
    await this.methods.withdraw(tx, { tenantId, id }, { state: 'revoked', reason: 'first_payment_failed' });
  }

  /** A refund of this payment has succeeded; the caller holds the payment locked. */
  async followRefund(tx: Tx, payment: Payment, origin?: Origin): Promise<void> {
    if (payment.linkId === null) return;
    const link = await this.links.lock(tx, { tenantId: payment.tenantId, id: payment.linkId });
    // Money beyond the one payment that the link keeps is given back without touching it.
    if (link?.paymentId !== payment.id) return;
    const decision = followRefund(link, payment.refundedMinor, this.clock.now());
    if (decision) await this.record(tx, [{ decision, origin }]);
  }

  /** Keeps decisions about links that the caller holds locked, the last of each link, and says their facts. */
  async record(tx: Tx, decided: readonly { decision: LinkDecision; origin?: Origin | undefined }[]): Promise<void> {
    const latest = new Map(decided.map(({ decision: { next } }) => [next.id, next]));
    const facts = decided.flatMap(({ decision, origin }) => decision.facts.map((fact) => ({ ...fact, origin })));
    await Promise.all([this.links.update(tx, [...latest.values()]), this.say(tx, facts)]);
  }

  async say(tx: Tx, facts: readonly (LinkFact & { origin?: Origin | undefined })[]): Promise<void> {
    const events = facts.map(({ origin, ...fact }) => linkEvent(fact, origin));
    await this.outbox.append(tx, events);
    tx.afterCommit(() => {
      for (const { type, link } of facts) {
        const { tenantId, id: linkId, status, paymentType, paymentId, attempts } = link;
        told.inc({ type });
        this.log.log({ tenantId, linkId, type, status, paymentType, paymentId, attempts }, 'payment link changed');
      }
    });
  }
}
