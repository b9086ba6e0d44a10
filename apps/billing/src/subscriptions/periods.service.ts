import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { Subscription } from '../domain/subscription.ts';
import { billPeriod } from '../domain/subscription-period.ts';
import { localDate } from '../domain/zone.ts';
import { IssueService } from '../invoices/issue.service.ts';
import type { InvoiceDraft } from '../invoices/issue.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { dueEvent } from './subscription.events.ts';
import { SubscriptionPeriodRepository } from './subscription-period.repository.ts';
import { policyholderOf, SubscriptionRepository } from './subscription.repository.ts';
import type { NamedPolicy } from './subscription.repository.ts';

const billed = metrics.counter('billing_subscription_periods_total', 'Periods of subscriptions that were billed');

/**
 * Bills periods: from its date on there is an invoice, and its collection is asked for. Once each, because the
 * subscription goes on to the next period in the same transaction, and its caller holds its lock.
 */
@Injectable()
export class PeriodsService {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly periods: SubscriptionPeriodRepository,
    private readonly invoices: IssueService,
    private readonly outbox: Outbox,
  ) {}

  /** The next period of each. The caller holds their locks, or has just made them. */
  async bill(tx: Tx, due: readonly Subscription[], nowOf: NowOf, cause?: QuittanceEvent): Promise<Subscription[]> {
    if (due.length === 0) return [];
    const policies = await this.subscriptions.policiesOf(tx, due);
    const drafts = due.map((subscription, index) => ({ ...draftOf(subscription, policies[index] ?? null), cause }));
    const invoices = await this.invoices.issue(tx, drafts, nowOf);
    const all = due.map((subscription, index) => {
      const today = localDate(nowOf(subscription.tenantId), subscription.timeZone);
      const { next, period } = billPeriod(subscription, { id: newId(), invoiceId: invoices[index]!.id }, today);
      return { next, period, policyholderLocator: drafts[index]!.policy.policyholderLocator };
    });
    tx.afterCommit(() => billed.inc(all.length));
    await Promise.all([
      this.periods.insert(
        tx,
        all.map(({ period }) => period),
      ),
      this.subscriptions.update(
        tx,
        all.map(({ next }) => next),
      ),
      this.outbox.append(
        tx,
        all.map(({ next: subscription, period, policyholderLocator }) => {
          const { tenantId, amountMinor: balanceMinor } = subscription;
          const asked = { subscription, period, balanceMinor, policyholderLocator };
          return dueEvent(asked, { time: nowOf(tenantId), cause });
        }),
      ),
    ]);
    return all.map(({ next }) => next);
  }
}

/** Of the policy, where that is known here in the subscription's currency: then money of the policy may pay it, too. */
function draftOf(subscription: Subscription, policy: NamedPolicy | null): InvoiceDraft {
  const { tenantId, id: subscriptionId, currency, amountMinor, policyId, paymentMethodId, timeZone } = subscription;
  if (subscription.nextChargeOn === null) throw new Error(`subscription ${subscriptionId} has nothing to charge`);
  return {
    ...{ tenantId, type: 'subscription', subscriptionId, instalmentId: null, currency },
    policyLocator: policy?.currency === currency ? policy.locator : null,
    policy: {
      ...{ locator: policyId, policyholderLocator: policyholderOf(subscription, policy), timeZone, paymentMethodId },
      collection: paymentMethodId === null ? 'invoice' : 'automatic',
    },
    dueOn: subscription.nextChargeOn,
    items: [{ chargeId: null, category: 'premium', code: null, amountMinor }],
  };
}
