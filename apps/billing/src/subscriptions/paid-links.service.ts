import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { BillingConfig } from '../config.ts';
import { distinct, keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { changeMethod, createSubscription, downPaymentRefunded, hasEnded } from '../domain/subscription.ts';
import type { SubscriptionDecision } from '../domain/subscription.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { planOf } from './paid-link.dialect.ts';
import type { LinkPlan } from './paid-link.dialect.ts';
import { SubscriptionBooks } from './subscription-books.service.ts';
import { subscriptionEvent } from './subscription.events.ts';
import { SubscriptionRepository } from './subscription.repository.ts';
import { UnpaidSubscriptions } from './unpaid-subscriptions.service.ts';

type Completed = QuittanceEvent<'payment_link.completed'>;
type Refunded = QuittanceEvent<'payment_link.refunded'>;
type Expired = QuittanceEvent<'payment_link.expired'>;

/** What payment links mean to subscriptions: a down payment starts one, a paid period stores the method of the next. */
@Injectable()
export class PaidLinks {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly books: SubscriptionBooks,
    private readonly unpaid: UnpaidSubscriptions,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly config: BillingConfig,
  ) {}

  /** One of a link, however often it is told that it was paid. */
  async start(tx: Tx, events: readonly Completed[]): Promise<void> {
    const paid = [...new Map(events.flatMap(withPlan)).values()];
    if (paid.length === 0) return;
    const [instantOf, policies] = await Promise.all([
      this.time.instants(
        tx,
        paid.map(({ event }) => event.tenantid),
      ),
      this.subscriptions.policiesOf(
        tx,
        paid.map(({ event }) => ({ tenantId: event.tenantid, policyId: event.data.policyId })),
      ),
    ]);
    const decided = paid.map((each, index) => {
      const { event } = each;
      const paidAt = instantOf(event.tenantid, new Date(event.data.completedTimestamp ?? event.time));
      const when = { paidAt, timeZone: policies[index]?.timeZone ?? 'UTC', createdAt: this.clock.now() };
      return { ...started(each, when), occasion: { time: paidAt, cause: event } };
    });
    const made = await this.subscriptions.insert(
      tx,
      decided.map(({ next }) => next),
    );
    const isMade = new Set(made.map(keyOf));
    const said = decided.filter(({ next }) => isMade.has(keyOf(next)));
    this.books.tell(
      tx,
      said.flatMap(({ facts }) => facts),
    );
    await this.outbox.append(
      tx,
      said.flatMap(({ facts, occasion }) => facts.map((fact) => subscriptionEvent(fact, occasion))),
    );
  }

  /** Who paid a period by its link agreed that the method is charged for the periods that follow. */
  async storeMethods(tx: Tx, events: readonly Completed[]): Promise<void> {
    const keys = events.flatMap((event) => keyIn(event) ?? []);
    if (keys.length === 0) return;
    const book = await this.books.open(tx, keys);
    for (const event of events) {
      const key = keyIn(event);
      const subscription = key && book.find(key);
      const { paymentMethodId } = event.data;
      if (!subscription || hasEnded(subscription) || paymentMethodId === undefined) continue;
      // It raises no version, and no event tells of it.
      book.put(changeMethod(subscription, paymentMethodId), { time: this.clock.now() });
    }
    await this.books.save(tx, book);
  }

  /** One that was never paid, and whose link nobody paid in time, has come to nothing. */
  async endExpired(tx: Tx, events: readonly Expired[]): Promise<void> {
    const told = new Map(events.flatMap((event) => (keyIn(event) ? [[keyOf(keyIn(event)!), event] as const] : [])));
    if (told.size === 0) return;
    const nowOf = await this.time.of(
      tx,
      events.map(({ tenantid }) => tenantid),
    );
    await this.unpaid.end(
      tx,
      [...told.values()].flatMap((event) => keyIn(event) ?? []),
      (key) => ({ time: nowOf(key.tenantId), cause: told.get(keyOf(key)) }),
    );
  }

  /** S-102: what follows of a down payment that was given back as a whole. */
  async endRefunded(tx: Tx, events: readonly Refunded[]): Promise<void> {
    const causes = new Map(events.map((event) => [keyOf({ tenantId: event.tenantid, id: event.data.linkId }), event]));
    const links = events.map(({ tenantid: tenantId, data }) => ({ tenantId, id: data.linkId }));
    const book = await this.books.open(tx, await this.subscriptions.ofLinks(tx, distinct(links)));
    const nowOf = await this.time.of(
      tx,
      book.all().map(({ tenantId }) => tenantId),
    );
    const said = book.all().flatMap((subscription) => {
      const { tenantId, linkId } = subscription;
      const cause = causes.get(keyOf({ tenantId, id: linkId ?? '' }));
      const decided = downPaymentRefunded(subscription, this.config.refundedDownPayment);
      return book.put(decided, { time: nowOf(tenantId), cause });
    });
    const reviewed = book.all().filter((subscription) => !hasEnded(subscription) && subscription.reviewReason !== null);
    this.books.tell(
      tx,
      reviewed.map((subscription) => ({ type: 'review', subscription })),
    );
    await Promise.all([this.books.save(tx, book), this.outbox.append(tx, said)]);
  }
}

/** Of which it pays a period. */
function keyIn({ tenantid: tenantId, data }: Completed | Expired): TenantKey | null {
  return data.subscriptionId === undefined ? null : { tenantId, id: data.subscriptionId };
}

interface Paid {
  readonly event: Completed;
  readonly plan: LinkPlan;
}

function withPlan(event: Completed): [string, Paid][] {
  const plan = planOf(event);
  return plan ? [[keyOf({ tenantId: event.tenantid, id: event.data.linkId }), { event, plan }]] : [];
}

interface When {
  readonly paidAt: Date;
  readonly timeZone: string;
  readonly createdAt: Date;
}

/** The down payment has paid for the time until the first charge: that is one interval after it. */
function started({ event, plan }: Paid, { paidAt, timeZone, createdAt }: When): SubscriptionDecision {
  const { linkId, policyId, carrierId, employerId, paymentMethodId = null } = event.data;
  const { count, interval, perPeriod } = plan;
  const { minor: amountMinor, currency } = perPeriod;
  return createSubscription({
    ...{ tenantId: event.tenantid, id: newId(), linkId, status: 'active', amountMinor, currency, interval, count },
    ...{ anchorOn: localDate(paidAt, timeZone), nextIndex: 1, timeZone, policyId, carrierId, employerId },
    ...{ customer: {}, paymentMethodId, createdAt },
  });
}
