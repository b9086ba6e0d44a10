// What the integration tests of subscriptions share: links that were paid, sweeps by hand, and payments' answers.
import { sampleOf } from '@quittance/events/catalogue';
import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { SweepService } from '../../sweep/sweep.service.ts';
import { eventOf, paymentData, usd } from '../harness.itest.ts';
import type { Billing } from '../harness.itest.ts';

export interface Shown {
  readonly id: string;
  readonly payment_link_id: string;
  readonly status: string;
  readonly collected_count: number;
  readonly next_charge_date: string | null;
  readonly review_reason?: string;
}

export interface Page {
  readonly data: Shown[];
  readonly page: number;
  readonly limit: number;
  readonly total: number;
}

export type LinkData = EventData<'payment_link.completed'>;
export type Due = EventData<'subscription.due'>;
export const path = '/api/v1/subscriptions';

/** The link of the document: 2,500.00 down and ten of 750.00. */
export function linkOf(tenantId: string, said: Partial<LinkData> = {}) {
  const linkId = newId();
  const of = (type: 'payment_link.completed' | 'payment_link.refunded', sequence: number) =>
    eventOf({
      ...{ type, tenantId, subject: linkId, sequence },
      data: { ...sampleOf(type), linkId, completedTimestamp: '2025-01-31T23:30:00.000Z', ...said },
    });
  return { linkId, completed: of('payment_link.completed', 1), refunded: of('payment_link.refunded', 2) };
}

/** A plan of so many periods of 750.00. */
export const planOf = (count: number): Partial<LinkData> => ({
  installmentPlan: { count, interval: 'monthly', perInstallment: usd(75_000) },
});

/** What payments says of the link that asks for a period. */
export function periodLinkOf(
  tenantId: string,
  type: 'payment_link.completed' | 'payment_link.expired',
  said: Partial<LinkData>,
) {
  const { installmentPlan: _plan, ...link } = sampleOf(type);
  const linkId = newId();
  return eventOf({ type, tenantId, subject: linkId, data: { ...link, linkId, ...said } });
}

/** One tenant's subscriptions, and what payments says of their charges. */
export function desk(billing: Billing, tenantId: string, api: Api) {
  const list = async (query = '') => (await api.get<Page>(`${path}${query}`)).body;
  const get = async (id: string) => (await api.get<Shown>(`${path}/${id}`)).body;
  const startedBy = (linkId: string) =>
    eventually(async () => (await list()).data.find((each) => each.payment_link_id === linkId));
  const dues = async (id: string): Promise<Due[]> =>
    (await billing.eventsAbout(id))
      .filter((event): event is QuittanceEvent<'subscription.due'> => event.type === 'subscription.due')
      .map(({ data }) => data);
  const sourceOf = ({ periodId: id, attempt }: Due) => ({ source: { type: 'subscription' as const, id, attempt } });
  const paid = (due: Due, said: Partial<EventData<'payment.posted'>> = {}) =>
    eventOf({
      ...{ type: 'payment.posted' as const, tenantId },
      data: paymentData(due.balance.amountMinor, { invoiceLocator: due.invoiceLocator, ...said }),
    });
  return {
    ...{ list, get, startedBy, dues, paid },
    /** A subscription that a paid link has started. */
    start: async (said: Partial<LinkData> = {}) => {
      const { linkId, completed } = linkOf(tenantId, said);
      await billing.publish(completed);
      return startedBy(linkId);
    },
    lastDue: async (id: string) => (await dues(id)).at(-1)!,
    /** As payments says it of the attempt that was asked for. */
    posted: (due: Due) => paid(due, sourceOf(due)),
    failed: (due: Due, retryable: boolean) =>
      eventOf({
        ...{ type: 'payment.failed' as const, tenantId },
        data: {
          ...paymentData(due.balance.amountMinor, { invoiceLocator: due.invoiceLocator, ...sourceOf(due) }),
          state: 'ready',
          failure: { ...{ code: 'insufficient_funds', category: 'soft', retryable }, recommendedAction: 'retry_later' },
        },
      }),
    statusIs: (id: string, status: string) => eventually(async () => (await get(id)).status === status),
    collectedIs: (id: string, count: number) => eventually(async () => (await get(id)).collected_count === count),
    typesOf: async (id: string) => (await billing.eventsAbout(id)).map(({ type }) => type.replace('subscription.', '')),
  };
}

export const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

/** One batch of one replica. */
export function sweep(billing: Billing, now: Date): Promise<number> {
  const service = billing.service.app.get(SweepService);
  return billing.service.app.get(Database).tx((tx: Tx) => service.run(tx, 'subscriptions', { now, tenantId: null }));
}

/** Until there is nothing left to do. */
export async function sweepAll(billing: Billing, now: Date): Promise<number> {
  for (let total = 0; ;) {
    const done = await sweep(billing, now);
    if (done === 0) return total;
    total += done;
  }
}
