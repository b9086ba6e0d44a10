import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { AccountKey } from '../allocations/receivable.repository.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import { ReceivablesService } from '../allocations/receivables.service.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { cancelSubscription } from '../domain/subscription.ts';
import { periodTransitions, voidPeriod } from '../domain/subscription-period.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { SubscriptionPeriodRepository } from './subscription-period.repository.ts';
import { SubscriptionRepository } from './subscription.repository.ts';

/** Subscriptions that were never paid and come to nothing: nobody owes their periods. */
@Injectable()
export class UnpaidSubscriptions {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: SubscriptionPeriodRepository,
    private readonly receivables: ReceivablesService,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Ends those of them that are `incomplete`, and leaves the others alone. Locks policies, then subscriptions: nothing
   * of these may be locked already.
   */
  async end(tx: Tx, keys: readonly TenantKey[], occasionOf: (key: TenantKey) => Occasion): Promise<void> {
    const accounts = await this.lock(tx, keys);
    // Read under the locks: a sweep that was waited for has billed one more.
    const periods = await this.periods.ofSubscriptions(tx, keys);
    const invoices = periods.map(({ tenantId, invoiceId: id }) => ({ tenantId, id }));
    const book = await this.receivables.of(tx, accounts, invoices);
    const wanted = new Set(keys.map(keyOf));
    const ended = book.subscriptions.all().filter((each) => wanted.has(keyOf(each)) && each.status === 'incomplete');
    const events = ended.flatMap((each) => endOne(book, each, occasionOf(each)));
    await Promise.all([this.receivables.save(tx, book), this.outbox.append(tx, events)]);
  }

  /** Whatever guards an invoice of theirs: the policy that they name, where it is known, or they themselves. */
  private async lock(tx: Tx, keys: readonly TenantKey[]): Promise<AccountKey[]> {
    const subscriptions = await this.subscriptions.read(tx, keys);
    const named = await this.subscriptions.policiesOf(tx, subscriptions);
    const policies = subscriptions.flatMap(({ tenantId }, index) => {
      const policy = named[index];
      return policy ? [{ tenantId, locator: policy.locator }] : [];
    });
    await this.policies.lock(tx, policies);
    await this.subscriptions.lockKeys(tx, keys);
    const own = keys.map(({ tenantId, id: locator }) => ({ tenantId, locator, isSubscription: true }));
    return [...policies, ...own];
  }
}

function endOne(book: ReceivableBook, key: TenantKey, occasion: Occasion): NewEvent[] {
  const { subscriptions } = book;
  const events = subscriptions.put(cancelSubscription(subscriptions.get(key)), occasion);
  const own = subscriptions.allPeriods().filter((period) => period.subscriptionId === key.id);
  return own.reduce((said, period) => {
    const invoice = { tenantId: period.tenantId, id: period.invoiceId };
    // What is on its way, or was paid in part, stays as it is.
    if (!periodTransitions[period.state].void || book.get(invoice).invoice.state !== 'open') return said;
    const voided = subscriptions.putPeriod(voidPeriod(subscriptions.get(key), period), occasion);
    return [...said, ...voided, ...book.void(invoice, occasion)];
  }, events);
}
