import { randomUUID } from 'node:crypto';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { policyBody } from '../../../tools/demo/first-month.ts';
import { apiOf } from './stack.ts';
import type { Tenant } from './stack.ts';

/** One of everything that a tenant can have, by the name of its collection in the API. */
export interface Holdings {
  'payment-methods': string;
  payments: string;
  refunds: string;
  disbursements: string;
  receipts: string;
  'payment-links': string;
  disputes: string;
  'payment-flags': string;
  policies: string;
  schedules: string;
  invoices: string;
  'webhook-endpoints': string;
  'webhook-deliveries': string;
  policyholder: string;
  /** The payments that the dispute and the flag are of. */
  disputed: string;
  flagged: string;
  /** Of a payment that also has a statement, a merchant and a location, all called this. */
  tag: string;
}

/** Issues a policy, and waits until its first instalment is paid and a webhook about it was delivered. */
export async function acquire(tenant: Tenant): Promise<Holdings> {
  const api = apiOf(tenant);
  const receiver = await WebhookReceiver.start();
  const policyholder = `PH-${randomUUID()}`;
  const { body: clock } = await api.get<{ businessDate: string }>('/test-clocks');
  await api.post('/test-clocks/advance', { to: clock.businessDate });
  const endpoint = await api.post<{ id: string }>('/webhook-endpoints', { url: receiver.url });
  const method = await api.post<{ id: string }>('/payment-methods', {
    token: 'tok_visa',
    policyholderLocator: policyholder,
  });
  const link = await api.post<{ id: string }>('/api/v1/payment-links', {
    ...{ employer_id: policyholder, carrier_id: 'C-1', policy_id: 'P-1' },
    ...{ amount_cents: 1000, payment_type: 'extra_payment' },
  });
  const tag = `T-${randomUUID()}`;
  await api.post('/payments', { amount: 1, statementLocator: tag, merchantId: tag, locationId: tag });
  const terms = policyBody(policyholder, clock.businessDate, method.body.id);
  const policy = await api.post<{ locator: string; scheduleId: string }>('/policies', {
    ...terms,
    currency: tenant.currency,
  });
  const { locator } = policy.body;
  const first = async (path: string, list: string, fits: (one: Record<string, any>) => boolean) => {
    const found = await eventually(
      async () => (await api.get<Record<string, any[]>>(path)).body[list]?.find((one) => fits(one)),
      { timeoutMs: 20_000 },
    );
    return (found['locator'] ?? found['id']) as string;
  };
  const charged = async (token: string) =>
    (await api.post<{ locator: string }>('/payments', { amount: '10.00', token, capture: true })).body.locator;
  const [disputed, flagged] = [await charged('tok_dispute_won'), await charged('tok_wrong_amount')];
  // The dispute comes two business days after its charge.
  await api.post('/test-clocks/advance', { days: 4 });
  const payment = await first(`/payments?policyLocator=${locator}`, 'payments', ({ state }) => state === 'posted');
  const holdings = {
    'payment-methods': method.body.id,
    'payment-links': link.body.id,
    payments: payment,
    receipts: await first(`/receipts?paymentLocator=${payment}`, 'items', () => true),
    policies: locator,
    schedules: policy.body.scheduleId,
    invoices: await first(`/invoices?policyLocator=${locator}`, 'invoices', ({ state }) => state === 'paid'),
    'webhook-endpoints': endpoint.body.id,
    'webhook-deliveries': await first('/webhook-deliveries', 'items', ({ state }) => state === 'delivered'),
    disputes: await first(`/disputes?paymentLocator=${disputed}`, 'items', ({ state }) => state === 'opened'),
    'payment-flags': await first(`/payment-flags?paymentLocator=${flagged}`, 'items', ({ state }) => state === 'open'),
    ...{ policyholder, disputed, flagged },
    tag,
  };
  await first(`/journal-entries?paymentLocator=${holdings.payments}`, 'items', ({ kind }) => kind === 'payment_posted');
  // By cheque, so that it waits for a second client and no money moves.
  const { body: refund } = await api.post<{ id: string; disbursementId: string }>(
    `/payments/${holdings.payments}/refunds`,
    { amount: 1, reason: 'Overpaid', destination: 'check' },
    { 'idempotency-key': randomUUID() },
  );
  await receiver.stop();
  return { ...holdings, refunds: refund.id, disbursements: refund.disbursementId };
}
