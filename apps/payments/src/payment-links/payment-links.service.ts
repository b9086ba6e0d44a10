import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { PaymentsConfig } from '../config.ts';
import { fieldError, notFound } from '../domain/errors.ts';
import { cancelLink, createLink, expireLink, viewLink } from '../domain/payment-link.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import { LinkAddresses } from './link-addresses.ts';
import { LinkFacts } from './link-facts.service.ts';
import { expiryOf } from './link-request.ts';
import type { LinkFilter, LinkInput, LinkKey } from './link-request.ts';
import { PaymentLinkRepository } from './payment-link.repository.ts';

@Injectable()
export class PaymentLinksService {
  constructor(
    private readonly links: PaymentLinkRepository,
    private readonly facts: LinkFacts,
    private readonly addresses: LinkAddresses,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  async create(tx: Tx, tenantId: string, input: LinkInput): Promise<PaymentLink> {
    const now = this.clock.now();
    const expiresAt = input.expiresAt ?? expiryOf(now, this.config);
    if (expiresAt <= now) throw fieldError('link_expiry_passed', '/expires_at', 'must be in the future');
    const identified = { ...input, expiresAt, tenantId, id: newId(), keyId: this.addresses.keyId };
    const { next, facts } = createLink(identified, now);
    await Promise.all([this.links.insert(tx, next), this.facts.say(tx, facts)]);
    return next;
  }

  async get(tx: Tx, key: LinkKey): Promise<PaymentLink> {
    return existing(await this.links.find(tx, key), key);
  }

  list(tx: Tx, page: { tenantId: string; filter: LinkFilter; offset: number; limit: number }) {
    return this.links.page(tx, page);
  }

  async cancel(tx: Tx, key: LinkKey): Promise<PaymentLink> {
    const decision = cancelLink(existing(await this.links.lock(tx, key), key), this.clock.now());
    await this.facts.record(tx, [{ decision }]);
    return decision.next;
  }

  /** The link as somebody sees it who opened its page. */
  async view(tx: Tx, key: LinkKey): Promise<PaymentLink> {
    const link = await this.get(tx, key);
    if (link.viewedAt !== null) return link;
    const decision = viewLink(existing(await this.links.lock(tx, key), key), this.clock.now());
    if (decision === null) return link;
    await this.facts.record(tx, [{ decision }]);
    return decision.next;
  }

  /** What nobody paid in time. */
  async expire(tx: Tx, limit: number): Promise<number> {
    const now = this.clock.now();
    const expired = await this.links.lockExpired(tx, now, limit);
    await this.facts.record(
      tx,
      expired.map((link) => ({ decision: expireLink(link, now) })),
    );
    return expired.length;
  }

  /** Paid another way, or owed no more: who opens the page now must not pay. A link that is being paid goes its way. */
  async closePaidElsewhere(
    tx: Tx,
    events: readonly QuittanceEvent<'invoice.paid' | 'invoice.voided'>[],
  ): Promise<void> {
    const causeOf = new Map(events.map((event) => [`${event.tenantid} ${event.data.invoiceLocator}`, event]));
    const invoices = events.map(({ tenantid, data }) => ({ tenantId: tenantid, invoiceLocator: data.invoiceLocator }));
    const now = this.clock.now();
    const links = await this.links.lockActiveOfInvoices(tx, invoices);
    await this.facts.record(
      tx,
      links.map((link) => ({
        decision: cancelLink(link, now),
        origin: { cause: causeOf.get(`${link.tenantId} ${link.invoiceLocator}`) },
      })),
    );
  }

  /** Billing tells what it made of a plan; the link only shows it. */
  async noteSubscriptions(tx: Tx, events: readonly QuittanceEvent<'subscription.created'>[]): Promise<void> {
    const made = events.flatMap(({ tenantid, data: { linkId, subscriptionId } }) =>
      linkId === undefined ? [] : [{ tenantId: tenantid, id: linkId, subscriptionId }],
    );
    if (made.length > 0) await this.links.noteSubscriptions(tx, made);
  }
}

function existing(link: PaymentLink | null, { id }: LinkKey): PaymentLink {
  if (link === null) throw notFound('payment link', id);
  return link;
}
