import { Injectable, Logger } from '@nestjs/common';
import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { ReferenceRepository } from '../allocations/reference.repository.ts';
import type { Occasion } from '../allocations/receivable-book.ts';
import { BillingConfig } from '../config.ts';
import { distinct, keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { cancelSubscription, chargeDate, downPaymentRefunded } from '../domain/subscription.ts';
import type { Subscription, SubscriptionFilter } from '../domain/subscription.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { planOf } from './paid-link.dialect.ts';
import type { LinkPlan } from './paid-link.dialect.ts';
import { SubscriptionRepository } from './subscription.repository.ts';

const counted = metrics.counter('billing_subscriptions_total', 'What happened to subscriptions', ['what']);

type Completed = QuittanceEvent<'payment_link.completed'>;
type Refunded = QuittanceEvent<'payment_link.refunded'>;

/** Subscriptions that the down payment of a payment link starts. Charging their periods is not here yet. */
@Injectable()
export class SubscriptionsService {
  private readonly log = new Logger(SubscriptionsService.name);

  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly references: ReferenceRepository,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly config: BillingConfig,
  ) {}

  /** One of a link, however often it is told that it was paid. */
  async start(tx: Tx, events: readonly Completed[]): Promise<void> {
    const paid = [...new Map(events.flatMap(withPlan)).values()];
    if (paid.length === 0) return;
    const tenantIds = paid.map(({ event }) => event.tenantid);
    const [instantOf, found] = await Promise.all([
      this.time.instants(tx, tenantIds),
      this.references.resolve(
        tx,
        paid.map(({ event }) => ({ tenantId: event.tenantid, policyLocator: event.data.policyId })),
      ),
    ]);
    const wanted = paid.map((each, index) => {
      const { event } = each;
      const paidAt = instantOf(event.tenantid, new Date(event.data.completedTimestamp ?? event.time));
      const anchorOn = localDate(paidAt, found[index]?.timeZone ?? 'UTC');
      return {
        subscription: subscriptionOf(each, anchorOn, this.clock.now()),
        occasion: { time: paidAt, cause: event },
      };
    });
    const made = await this.subscriptions.insert(
      tx,
      wanted.map(({ subscription }) => subscription),
    );
    const isMade = new Set(made.map(keyOf));
    await this.say(
      tx,
      'subscription.created',
      wanted.filter(({ subscription }) => isMade.has(keyOf(subscription))),
    );
  }

  /** S-102: what follows of a down payment that was given back as a whole. */
  async endRefunded(tx: Tx, events: readonly Refunded[]): Promise<void> {
    const causes = new Map(events.map((event) => [keyOf({ tenantId: event.tenantid, id: event.data.linkId }), event]));
    const links = events.map(({ tenantid: tenantId, data }) => ({ tenantId, id: data.linkId }));
    const before = await this.subscriptions.lockOfLinks(tx, distinct(links));
    const after = before.map((each) => downPaymentRefunded(each, this.config.refundedDownPayment));
    const nowOf = await this.time.of(tx, new Set(after.map(({ tenantId }) => tenantId)));
    await this.subscriptions.update(tx, after);
    const cancelled = after.filter((each, index) => each.version !== before[index]?.version);
    await this.say(
      tx,
      'subscription.cancelled',
      cancelled.map((subscription) => ({
        subscription,
        occasion: {
          time: nowOf(subscription.tenantId),
          cause: causes.get(keyOf({ tenantId: subscription.tenantId, id: subscription.linkId ?? '' })),
        },
      })),
    );
    this.tell(
      tx,
      'review',
      after.filter(({ status, reviewReason }) => status !== 'cancelled' && reviewReason !== null),
    );
  }

  /** @throws DomainError `invalid_transition` for one that has ended */
  async cancel(tx: Tx, key: TenantKey): Promise<Subscription | null> {
    const [before] = await this.subscriptions.lock(tx, [key]);
    if (!before) return null;
    const subscription = cancelSubscription(before);
    const nowOf = await this.time.of(tx, [key.tenantId]);
    await this.subscriptions.update(tx, [subscription]);
    await this.say(tx, 'subscription.cancelled', [{ subscription, occasion: { time: nowOf(key.tenantId) } }]);
    return subscription;
  }

  find(tx: Tx, key: TenantKey): Promise<Subscription | null> {
    return this.subscriptions.find(tx, key);
  }

  page(tx: Tx, tenantId: string, filter: SubscriptionFilter, page: { skip: number; take: number }) {
    return this.subscriptions.page(tx, tenantId, filter, page);
  }

  private async say(
    tx: Tx,
    type: 'subscription.created' | 'subscription.cancelled',
    said: readonly { readonly subscription: Subscription; readonly occasion: Occasion }[],
  ): Promise<void> {
    await this.outbox.append(
      tx,
      said.map(({ subscription, occasion }): NewEvent => {
        const { tenantId, id: subject, version: sequence } = subscription;
        return { type, tenantId, subject, sequence, data: dataOf(subscription), ...occasion };
      }),
    );
    this.tell(
      tx,
      type === 'subscription.created' ? 'created' : 'cancelled',
      said.map(({ subscription }) => subscription),
    );
  }

  private tell(tx: Tx, what: 'created' | 'cancelled' | 'review', subscriptions: readonly Subscription[]): void {
    tx.afterCommit(() => {
      for (const { tenantId, id: subscriptionId, linkId, policyId, collectedCount } of subscriptions) {
        counted.inc({ what });
        this.log.log({ tenantId, subscriptionId, linkId, policyId, collectedCount, what }, 'subscription');
      }
    });
  }
}

interface Paid {
  readonly event: Completed;
  readonly plan: LinkPlan;
}

function withPlan(event: Completed): [string, Paid][] {
  const plan = planOf(event);
  return plan ? [[keyOf({ tenantId: event.tenantid, id: event.data.linkId }), { event, plan }]] : [];
}

function subscriptionOf({ event, plan }: Paid, anchorOn: string, createdAt: Date): Subscription {
  const { linkId, policyId, carrierId, employerId, paymentMethodId = null } = event.data;
  const { count, interval, perPeriod } = plan;
  const { minor: amountMinor, currency } = perPeriod;
  const head = { tenantId: event.tenantid, id: newId(), linkId, status: 'active' } as const;
  return {
    ...{ ...head, amountMinor, currency, interval, count, collectedCount: 0 },
    ...{ anchorOn, nextChargeOn: chargeDate(anchorOn, interval, 1), policyId, carrierId, employerId, paymentMethodId },
    ...{ reviewReason: null, version: 1, createdAt },
  };
}

function dataOf(subscription: Subscription): EventData<'subscription.created'> {
  const { id, status, amountMinor, currency, interval, count, collectedCount, nextChargeOn } = subscription;
  const { policyId, carrierId, employerId, linkId, paymentMethodId, createdAt } = subscription;
  return {
    ...{ subscriptionId: id, status, amount: toWire({ minor: amountMinor, currency }), interval, collectedCount },
    ...{ policyId, carrierId, employerId, createdTimestamp: createdAt.toISOString() },
    ...(count === null ? {} : { count }),
    ...(nextChargeOn === null ? {} : { nextChargeDate: nextChargeOn }),
    ...(linkId === null ? {} : { linkId }),
    ...(paymentMethodId === null ? {} : { paymentMethodId }),
  };
}
