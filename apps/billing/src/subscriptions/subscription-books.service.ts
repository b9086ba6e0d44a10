import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { distinct, keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { SubscriptionFact } from '../domain/subscription.ts';
import type { SubscriptionPeriod } from '../domain/subscription-period.ts';
import { SubscriptionBook } from './subscription-book.ts';
import { SubscriptionPeriodRepository } from './subscription-period.repository.ts';
import { SubscriptionRepository } from './subscription.repository.ts';

const counted = metrics.counter('billing_subscriptions_total', 'What happened to subscriptions', ['what']);

/** Opens books of subscriptions under their locks, and writes down what became of them. */
@Injectable()
export class SubscriptionBooks {
  private readonly log = new Logger(SubscriptionBooks.name);

  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: SubscriptionPeriodRepository,
  ) {}

  /** Without their periods, or with those that `load` finds under the locks. */
  async open(
    tx: Tx,
    keys: readonly TenantKey[],
    load: () => Promise<SubscriptionPeriod[]> = () => Promise.resolve([]),
  ): Promise<SubscriptionBook> {
    const subscriptions = await this.subscriptions.lock(tx, distinct(keys));
    return new SubscriptionBook(subscriptions, subscriptions.length === 0 ? [] : await load());
  }

  /** Only that: what is read afterwards stays as it is. */
  async lock(tx: Tx, keys: readonly TenantKey[]): Promise<void> {
    await this.subscriptions.lockKeys(tx, keys);
  }

  /** With these periods. */
  ofPeriods(tx: Tx, found: readonly SubscriptionPeriod[]): Promise<SubscriptionBook> {
    // Read again under the locks: what waited for them may find the periods changed.
    return this.open(tx, found.map(subscriptionKey), () => this.periods.findMany(tx, found));
  }

  /** With the periods that these invoices bill. */
  async ofInvoices(tx: Tx, invoices: readonly TenantKey[]): Promise<SubscriptionBook> {
    return this.ofPeriods(tx, await this.periods.ofInvoices(tx, invoices));
  }

  async save(tx: Tx, book: SubscriptionBook): Promise<void> {
    const { subscriptions, periods, facts } = book.changed();
    this.tell(tx, facts);
    await Promise.all([this.subscriptions.update(tx, subscriptions), this.periods.update(tx, periods)]);
  }

  /** One wide line for whatever happened to one, by the type of its event. */
  tell(tx: Tx, facts: readonly { readonly type: SubscriptionFact['type'] | 'review'; subscription: Named }[]): void {
    tx.afterCommit(() => {
      for (const { type: what, subscription } of facts) {
        // Without the policy: the caller names it as he likes.
        const { tenantId, id: subscriptionId, linkId, collectedCount, arrearsCount } = subscription;
        counted.inc({ what });
        this.log.log({ tenantId, subscriptionId, linkId, collectedCount, arrearsCount, what }, 'subscription');
      }
    });
  }
}

type Named = SubscriptionFact['subscription'];

export function subscriptionKey({ tenantId, subscriptionId: id }: SubscriptionPeriod): TenantKey {
  return { tenantId, id };
}

/** By the text of their keys. */
export function byKey<T extends TenantKey>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
