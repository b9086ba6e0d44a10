import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { Money } from '@quittance/money/money';
import type { SubscriptionInterval } from '../domain/subscription.ts';

export interface LinkPlan {
  readonly count: number;
  readonly interval: SubscriptionInterval;
  readonly perPeriod: Money;
}

/** What follows the down payment of a link, in the words of the links' own dialect; null for a link of one payment. */
export function planOf({ data }: QuittanceEvent<'payment_link.completed'>): LinkPlan | null {
  if (!data.installmentPlan) return null;
  const { count, interval, perInstallment } = data.installmentPlan;
  return { count, interval, perPeriod: fromWire(perInstallment) };
}
