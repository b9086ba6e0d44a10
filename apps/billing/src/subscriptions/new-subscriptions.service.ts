import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { createSubscription } from '../domain/subscription.ts';
import type { Subscription, SubscriptionInput } from '../domain/subscription.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { PeriodsService } from './periods.service.ts';
import { SubscriptionBooks } from './subscription-books.service.ts';
import { subscriptionEvent } from './subscription.events.ts';
import { SubscriptionRepository } from './subscription.repository.ts';

/** Subscriptions that somebody makes over the API. */
@Injectable()
export class NewSubscriptions {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: PeriodsService,
    private readonly books: SubscriptionBooks,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /** Without a method, and without anything that paid for the time to come: its first period is billed at once. */
  async create(tx: Tx, tenantId: string, input: SubscriptionInput): Promise<Subscription> {
    const [nowOf, [policy]] = await Promise.all([
      this.time.of(tx, [tenantId]),
      this.subscriptions.policiesOf(tx, [{ tenantId, policyId: input.policyId }]),
    ]);
    const timeZone = policy?.timeZone ?? 'UTC';
    const { next, facts } = createSubscription({
      ...{ ...input, tenantId, id: newId(), linkId: null, status: 'incomplete', count: null, timeZone },
      ...{ anchorOn: localDate(nowOf(tenantId), timeZone), nextIndex: 0, paymentMethodId: null },
      createdAt: this.clock.now(),
    });
    this.books.tell(tx, facts);
    await Promise.all([
      this.subscriptions.insert(tx, [next]),
      this.outbox.append(
        tx,
        facts.map((fact) => subscriptionEvent(fact, { time: nowOf(tenantId) })),
      ),
    ]);
    const [billed] = await this.periods.bill(tx, [next], nowOf);
    return billed ?? next;
  }
}
