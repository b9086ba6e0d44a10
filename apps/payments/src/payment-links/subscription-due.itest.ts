import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { PaymentLinkDto } from './payment-link.dto.ts';
import { payPage } from '../pay-page/pay-page.fixture.ts';
import { billingEvent, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let tenantId: string;
beforeAll(async () => {
  payments = await startPayments();
});
beforeEach(() => {
  tenantId = newId();
});
afterAll(() => payments?.stop());

interface Said {
  periodId?: string;
  subscriptionId?: string;
  attempt?: number;
  paymentMethodId?: string;
  minor?: number;
}

function due(said: Said = {}) {
  const { periodId = newId(), subscriptionId = newId(), attempt = 1, paymentMethodId, minor = 75_000 } = said;
  const ids = { subscriptionId, periodId, invoiceLocator: newId() };
  return billingEvent({
    ...{ type: 'subscription.due', tenantId, subject: ids.subscriptionId, sequence: attempt },
    data: {
      ...{ ...ids, attempt, balance: usd(minor), policyLocator: `policy-${periodId}` },
      ...(paymentMethodId === undefined
        ? { collection: 'invoice', paymentMethodId: undefined as never }
        : { collection: 'automatic', paymentMethodId }),
    },
  });
}

async function method(token: string): Promise<string> {
  const by = await payments.api(tenantId);
  return (await by.post<{ id: string }>('/payment-methods', { token, policyholderLocator: 'holder' })).body.id;
}

const paymentIn = (state: string, periodId: string) =>
  eventually(async () => {
    const by = await payments.api(tenantId);
    const path = `/payments?policyLocator=policy-${periodId}`;
    const { body } = await by.get<{ payments: { locator: string; state: string; amount: number }[] }>(path);
    return body.payments.find((shown) => shown.state === state);
  });
const links = async () => {
  const by = await payments.api(tenantId);
  return (await by.get<{ data: PaymentLinkDto[] }>('/api/v1/payment-links')).body.data;
};
const firstLink = () => eventually(async () => (await links())[0]);

describe('a period of a subscription with a method', () => {
  it('is charged once, however often it is said, with the period as its source', async () => {
    const periodId = newId();
    const said = { periodId, paymentMethodId: await method('tok_visa') };
    const event = due(said);
    await payments.publish(event, event, due(said));
    const posted = await paymentIn('posted', periodId);
    const after = due({ paymentMethodId: said.paymentMethodId });
    await payments.publish(after);
    await paymentIn('posted', (after.data as { periodId: string }).periodId);
    expect(payments.sandbox.charges.ofSubject(periodId)).toHaveLength(1);
    expect((await payments.eventsOf(posted.locator)).at(-1)?.data).toMatchObject({
      source: { type: 'subscription', id: periodId, attempt: 1 },
      ...{ channel: 'autopay', amount: usd(75_000) },
    });
    expect(await links()).toEqual([]);
  });

  it('is tried again when billing asks again', async () => {
    const [periodId, subscriptionId] = [newId(), newId()];
    const said = { periodId, subscriptionId, paymentMethodId: await method('tok_declined_once') };
    await payments.publish(due(said));
    const { locator } = await paymentIn('ready', periodId);
    await eventually(async () => (await payments.eventsOf(locator)).some(({ type }) => `${type}` === 'payment.failed'));
    await payments.publish(due({ ...said, attempt: 2, minor: 70_000 }));
    expect(await paymentIn('posted', periodId)).toMatchObject({ locator, amount: 700 });
  });
});

describe('a period without a method', () => {
  it('is asked for by one link, for exactly its invoice, however often it is said', async () => {
    const event = due();
    const { periodId, subscriptionId, invoiceLocator } = event.data as Record<string, string>;
    await payments.publish(event, event, due({ periodId: periodId! }));
    const marker = due();
    await payments.publish(marker);
    await eventually(async () => (await links()).length === 2);
    const link = (await links()).at(-1)!;
    expect(link).toMatchObject({
      ...{ status: 'active', payment_type: 'installment', amount_cents: 75_000, currency: 'USD', customer: {} },
      ...{ subscription_id: subscriptionId, invoice_locator: invoiceLocator, due_date: '2025-02-01' },
      ...{ policy_id: '682def789ghi012345678901', carrier_id: '680abc456def789012345678' },
    });
    const [created] = await payments.eventsOf(link.id);
    expect(created).toMatchObject({
      ...{ type: 'payment_link.created', causationid: event.id },
      data: { subscriptionId, invoiceLocator },
    });
  });

  it('stores the method of who pays it, and says so', async () => {
    await payments.publish(due());
    const { id, url, subscription_id } = await firstLink();
    const page = payPage(payments);
    expect((await page.open(url)).html).toContain('This is a payment of your subscription');
    expect((await page.pay(url, { token: 'tok_visa' })).status).toBe(303);
    const completed = (await payments.eventsOf(id)).at(-1)?.data as unknown as Record<string, string>;
    expect(completed).toMatchObject({ status: 'completed', subscriptionId: subscription_id });
    const stored = await (await payments.api(tenantId)).get(`/payment-methods/${completed['paymentMethodId']}`);
    expect(stored.body).toMatchObject({ state: 'active', last4: '4242' });
  });

  it('keeps no method that was declined', async () => {
    await payments.publish(due());
    const { id, url } = await firstLink();
    await payPage(payments).pay(url, { token: 'tok_declined_insufficient' });
    const methods = await payments.sql<{ state: string }>(
      'SELECT m.state FROM payment_methods m JOIN payments p ON p.payment_method_id = m.id WHERE p.link_id = $1',
      [id],
    );
    expect(methods).toEqual([{ state: 'revoked' }]);
  });

  it('S-101: is closed once its invoice was paid another way', async () => {
    const event = due();
    const { invoiceLocator } = event.data as Record<string, string>;
    await payments.publish(event);
    const { id } = await firstLink();
    const paid = {
      type: 'invoice.paid',
      tenantId,
      subject: invoiceLocator!,
      data: { invoiceLocator: invoiceLocator! },
    };
    await payments.publish(billingEvent(paid as never));
    await eventually(async () => (await links()).find((link) => link.id === id)?.status === 'cancelled');
  });
});
