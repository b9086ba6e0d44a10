import { Injectable } from '@nestjs/common';
import { fromWire } from '@quittance/money/wire';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { PaymentsConfig } from '../config.ts';
import { createLink } from '../domain/payment-link.ts';
import type { NewLink } from '../domain/payment-link.ts';
import { isAskedByLink } from '../payments/due-event.ts';
import type { SubscriptionDue } from '../payments/due-event.ts';
import { LinkAddresses } from './link-addresses.ts';
import { LinkFacts } from './link-facts.service.ts';
import { PaymentLinkRepository } from './payment-link.repository.ts';
import { expiryOf } from './link-request.ts';

/**
 * Links for periods of subscriptions that no stored method pays: one of a period, for exactly its invoice, however
 * often it is asked for. Who the customer is, billing's subscription says: it is in no event.
 */
@Injectable()
export class PeriodLinks {
  constructor(
    private readonly links: PaymentLinkRepository,
    private readonly facts: LinkFacts,
    private readonly addresses: LinkAddresses,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  async make(tx: Tx, events: readonly SubscriptionDue[]): Promise<void> {
    const now = this.clock.now();
    const asked = events.filter(isAskedByLink);
    if (asked.length === 0) return;
    const expiresAt = expiryOf(now, this.config);
    const decided = asked.map((event) => ({
      ...createLink({ ...linkFor(event), id: newId(), keyId: this.addresses.keyId, expiresAt }, now),
      origin: { cause: event },
    }));
    const made = await this.links.insertOfPeriods(
      tx,
      decided.map(({ next }) => next),
    );
    await this.facts.say(
      tx,
      decided.flatMap(({ next, facts, origin }) =>
        made.has(next.id) ? facts.map((fact) => ({ ...fact, origin })) : [],
      ),
    );
  }
}

function linkFor({ tenantid: tenantId, data }: SubscriptionDue): Omit<NewLink, 'id' | 'keyId' | 'expiresAt'> {
  const { minor: amountMinor, currency } = fromWire(data.balance);
  const { policyId, carrierId, employerId, invoiceLocator, dueOn, periodId, subscriptionId } = data;
  return {
    ...{ tenantId, paymentType: 'installment', amountMinor, currency, policyId, carrierId, employerId },
    ...{ customer: {}, metadata: {}, payeeName: null, invoiceLocator, dueOn, plan: null },
    period: { id: periodId, subscriptionId },
  };
}
