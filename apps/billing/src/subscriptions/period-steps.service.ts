import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { FailedPayment } from '../collections/collections.service.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { hasEnded } from '../domain/subscription.ts';
import { askCustomer, failPeriod, giveUpPeriod, retryPeriod } from '../domain/subscription-period.ts';
import type { PeriodDecision, SubscriptionPeriod } from '../domain/subscription-period.ts';
import { localDate } from '../domain/zone.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { byKey, SubscriptionBooks } from './subscription-books.service.ts';
import type { SubscriptionBook } from './subscription-book.ts';
import { dueEvent } from './subscription.events.ts';
import { SubscriptionPeriodRepository } from './subscription-period.repository.ts';
import { policyholderOf, SubscriptionRepository } from './subscription.repository.ts';

/** What an asking says beyond the period. */
interface Debts {
  readonly balanceOf: (period: SubscriptionPeriod) => bigint;
  readonly policyholderOf: (period: SubscriptionPeriod) => string;
}

/** What happens to a billed period until it is paid: it fails, it is tried again, its time runs out. */
@Injectable()
export class PeriodSteps {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: SubscriptionPeriodRepository,
    private readonly books: SubscriptionBooks,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /** The time of these has come. The caller has claimed them. */
  async take(tx: Tx, keys: readonly TenantKey[], now: Date): Promise<void> {
    const periods = await this.periods.findMany(tx, keys);
    const book = await this.books.ofPeriods(tx, periods);
    const debts = await this.debtsOf(tx, book, periods);
    const events = periods.flatMap((period) => {
      const subscription = book.subscriptionOf(period);
      const occasion = { time: now };
      // However it ended, its method is charged no more: what was billed is owed, and nobody tries by himself.
      const isTried = period.state === 'waiting' && !hasEnded(subscription);
      if (!isTried) return book.putPeriod(giveUpPeriod(subscription, period), occasion);
      return ask(book, retryPeriod(subscription, period), debts, occasion);
    });
    await Promise.all([this.books.save(tx, book), this.outbox.append(tx, events)]);
  }

  /** An attempt that we asked for failed: its next one gets a date, or the customer is asked for another method. */
  async recordFailures(tx: Tx, said: readonly FailedPayment[]): Promise<void> {
    const failures = said.filter(({ data }) => data.source?.type === 'subscription');
    if (failures.length === 0) return;
    const periods = await this.periods.findMany(tx, failures.map(periodKey));
    const book = await this.books.ofPeriods(tx, periods);
    const [debts, nowOf] = await Promise.all([
      this.debtsOf(tx, book, periods),
      this.time.of(tx, new Set(failures.map(({ tenantid }) => tenantid))),
    ]);
    const events = failures.flatMap((event) => {
      const period = book.period(periodKey(event));
      // Of several words on one attempt the first one stands, and none is heard of what was paid meanwhile.
      if (period?.state !== 'requested' || period.attempt !== event.data.source?.attempt) return [];
      return fail(book, period, debts, { time: nowOf(event.tenantid), cause: event });
    });
    await Promise.all([this.books.save(tx, book), this.outbox.append(tx, events)]);
  }

  private async debtsOf(tx: Tx, book: SubscriptionBook, periods: readonly SubscriptionPeriod[]): Promise<Debts> {
    const subscriptions = periods.map((period) => book.subscriptionOf(period));
    const [owed, policies] = await Promise.all([
      this.periods.owed(
        tx,
        periods.map(({ tenantId, invoiceId: id }) => ({ tenantId, id })),
      ),
      this.subscriptions.policiesOf(tx, subscriptions),
    ]);
    const balances = byKey(owed);
    const holders = new Map(
      periods.map((period, index) => [keyOf(period), policyholderOf(subscriptions[index]!, policies[index] ?? null)]),
    );
    return {
      balanceOf: ({ tenantId, invoiceId: id }) => balances.get(keyOf({ tenantId, id }))?.balanceMinor ?? 0n,
      policyholderOf: (period) => holders.get(keyOf(period)) ?? '',
    };
  }
}

function periodKey({ tenantid: tenantId, data }: FailedPayment): TenantKey {
  return { tenantId, id: data.source?.id ?? '' };
}

function fail(book: SubscriptionBook, period: SubscriptionPeriod, debts: Debts, occasion: Occasion): NewEvent[] {
  const subscription = book.subscriptionOf(period);
  const { failure } = (occasion.cause as FailedPayment).data;
  const failed = failPeriod(subscription, period, {
    isRetryable: failure?.retryable ?? false,
    code: failure?.code ?? null,
    failedOn: localDate(occasion.time, subscription.timeZone),
  });
  const events = book.putPeriod(failed, occasion);
  if (failed.period.state !== 'overdue' || hasEnded(failed.next)) return events;
  return [...events, ...ask(book, askCustomer(failed.next, failed.period), debts, occasion)];
}

function ask(book: SubscriptionBook, decided: PeriodDecision, debts: Debts, occasion: Occasion): NewEvent[] {
  const { next: subscription, period } = decided;
  const due = { balanceMinor: debts.balanceOf(period), policyholderLocator: debts.policyholderOf(period) };
  return [...book.putPeriod(decided, occasion), dueEvent({ subscription, period, ...due }, occasion)];
}
