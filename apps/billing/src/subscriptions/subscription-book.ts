import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Subscription, SubscriptionDecision, SubscriptionFact } from '../domain/subscription.ts';
import { collectPeriod, periodTransitions, reopenPeriod, writeOffPeriod } from '../domain/subscription-period.ts';
import type { PeriodDecision, SubscriptionPeriod } from '../domain/subscription-period.ts';
import { subscriptionEvent } from './subscription.events.ts';

interface Entry<T> {
  readonly before: T;
  now: T;
}

/**
 * Some subscriptions and periods of theirs while one transaction changes them: each change is made on what the one
 * before left. The subscriptions are locked; the caller saves last.
 */
export class SubscriptionBook {
  private readonly subscriptions: Map<string, Entry<Subscription>>;
  private readonly periods: Map<string, Entry<SubscriptionPeriod>>;
  private readonly byInvoice: ReadonlyMap<string, Entry<SubscriptionPeriod>>;
  private readonly said: SubscriptionFact[] = [];

  constructor(subscriptions: readonly Subscription[], periods: readonly SubscriptionPeriod[]) {
    const entriesOf = <T extends TenantKey>(rows: readonly T[]) =>
      new Map(rows.map((row) => [keyOf(row), { before: row, now: row }]));
    this.subscriptions = entriesOf(subscriptions);
    this.periods = entriesOf(periods);
    this.byInvoice = new Map(
      [...this.periods.values()].map((entry) => [
        keyOf({ tenantId: entry.now.tenantId, id: entry.now.invoiceId }),
        entry,
      ]),
    );
  }

  all(): Subscription[] {
    return [...this.subscriptions.values()].map(({ now }) => now);
  }

  allPeriods(): SubscriptionPeriod[] {
    return [...this.periods.values()].map(({ now }) => now);
  }

  period(key: TenantKey): SubscriptionPeriod | undefined {
    return this.periods.get(keyOf(key))?.now;
  }

  subscriptionOf({ tenantId, subscriptionId }: SubscriptionPeriod): Subscription {
    return this.get({ tenantId, id: subscriptionId });
  }

  find(key: TenantKey): Subscription | undefined {
    return this.subscriptions.get(keyOf(key))?.now;
  }

  get(key: TenantKey): Subscription {
    return this.entryOf(key).now;
  }

  /** Puts a decision down; the events that tell of it. */
  put({ next, facts }: SubscriptionDecision, occasion: Occasion): NewEvent[] {
    this.entryOf(next).now = next;
    this.said.push(...facts);
    return facts.map((fact) => subscriptionEvent(fact, occasion));
  }

  putPeriod({ period, ...decision }: PeriodDecision, occasion: Occasion): NewEvent[] {
    const entry = this.periods.get(keyOf(period));
    if (!entry) throw new Error(`period ${period.id} was not loaded`);
    entry.now = period;
    return this.put(decision, occasion);
  }

  /** An invoice is paid in full: so is its period, if it bills one. */
  settle(invoice: TenantKey, occasion: Occasion): NewEvent[] {
    const period = this.byInvoice.get(keyOf(invoice))?.now;
    if (!period || period.state === 'collected') return [];
    return this.putPeriod(collectPeriod(this.subscriptionOf(period), period), occasion);
  }

  /** An invoice is written off, with all that was left of it. */
  writeOff(invoice: TenantKey, occasion: Occasion): NewEvent[] {
    const period = this.byInvoice.get(keyOf(invoice))?.now;
    if (!period) return [];
    return this.putPeriod(writeOffPeriod(this.subscriptionOf(period), period), occasion);
  }

  /** An invoice on which nothing was owed is owed again; one that was open is as it was. */
  reopen(invoice: TenantKey, occasion: Occasion): NewEvent[] {
    const period = this.byInvoice.get(keyOf(invoice))?.now;
    if (!period || !periodTransitions[period.state].reopen) return [];
    return this.putPeriod(reopenPeriod(this.subscriptionOf(period), period), occasion);
  }

  changed(): { subscriptions: Subscription[]; periods: SubscriptionPeriod[]; facts: readonly SubscriptionFact[] } {
    const changedOf = <T>(entries: Map<string, Entry<T>>) =>
      [...entries.values()].filter(({ before, now }) => before !== now).map(({ now }) => now);
    return { subscriptions: changedOf(this.subscriptions), periods: changedOf(this.periods), facts: this.said };
  }

  private entryOf(key: TenantKey): Entry<Subscription> {
    const entry = this.subscriptions.get(keyOf(key));
    if (!entry) throw new Error(`subscription ${key.id} was not loaded`);
    return entry;
  }
}
