import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { TenantKey } from '../domain/identity.ts';
import { cancelSubscription, changeMethod, pauseSubscription, resumeSubscription } from '../domain/subscription.ts';
import type { Subscription, SubscriptionDecision, SubscriptionFilter } from '../domain/subscription.ts';
import { giveUpPeriod } from '../domain/subscription-period.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { SubscriptionBooks } from './subscription-books.service.ts';
import { SubscriptionPeriodRepository } from './subscription-period.repository.ts';
import { SubscriptionRepository } from './subscription.repository.ts';
import { UnpaidSubscriptions } from './unpaid-subscriptions.service.ts';

/** Subscriptions in the hands of somebody with the API, who reads, pauses and ends them. */
@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: SubscriptionPeriodRepository,
    private readonly books: SubscriptionBooks,
    private readonly unpaid: UnpaidSubscriptions,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Nothing is charged or tried again; what was billed stays owed, unless nothing was ever paid.
   * @throws DomainError `invalid_transition` for one that has ended
   */
  async cancel(tx: Tx, key: TenantKey): Promise<Subscription | null> {
    const time = (await this.time.of(tx, [key.tenantId]))(key.tenantId);
    const found = await this.subscriptions.find(tx, key);
    if (found?.status !== 'incomplete') return this.change(tx, key, cancelSubscription);
    await this.unpaid.end(tx, [key], () => ({ time }));
    const ended = await this.subscriptions.find(tx, key);
    // Paid at this very moment: it is cancelled as one that was paid.
    return ended?.status === 'cancelled' ? ended : this.change(tx, key, cancelSubscription);
  }

  /** @throws DomainError `invalid_transition` */
  pause(tx: Tx, key: TenantKey): Promise<Subscription | null> {
    return this.change(tx, key, pauseSubscription);
  }

  /** @throws DomainError `invalid_transition` */
  resume(tx: Tx, key: TenantKey): Promise<Subscription | null> {
    return this.change(tx, key, (subscription, now) =>
      resumeSubscription(subscription, localDate(now, subscription.timeZone)),
    );
  }

  /** @throws DomainError `invalid_transition` for one that has ended */
  changeMethod(tx: Tx, key: TenantKey, paymentMethodId: string): Promise<Subscription | null> {
    return this.change(tx, key, (subscription) => changeMethod(subscription, paymentMethodId));
  }

  find(tx: Tx, key: TenantKey): Promise<Subscription | null> {
    return this.subscriptions.find(tx, key);
  }

  page(tx: Tx, tenantId: string, filter: SubscriptionFilter, page: { skip: number; take: number }) {
    return this.subscriptions.page(tx, tenantId, filter, page);
  }

  private async change(
    tx: Tx,
    key: TenantKey,
    decide: (subscription: Subscription, now: Date) => SubscriptionDecision,
  ): Promise<Subscription | null> {
    const book = await this.books.open(tx, [key], () => this.periods.waitingOf(tx, key));
    const [subscription] = book.all();
    if (!subscription) return null;
    const time = (await this.time.of(tx, [key.tenantId]))(key.tenantId);
    const events = book.put(decide(subscription, time), { time });
    if (book.get(key).status === 'cancelled') {
      for (const period of book.allPeriods()) book.putPeriod(giveUpPeriod(book.get(key), period), { time });
    }
    await Promise.all([this.books.save(tx, book), this.outbox.append(tx, events)]);
    return book.get(key);
  }
}
