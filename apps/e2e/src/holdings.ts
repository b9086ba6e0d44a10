import { randomUUID } from 'node:crypto';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { policyBody } from '../../../tools/demo/first-month.ts';
import { finder } from './finder.ts';
import type { Found } from './finder.ts';
import { payLink } from './payment-link.ts';
import { reconcile } from './reconciled.ts';
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
  subscriptions: string;
  'disbursement-requests': string;
  delinquencies: string;
  holds: string;
  disputes: string;
  'payment-flags': string;
  policies: string;
  plans: string;
  schedules: string;
  invoices: string;
  'webhook-endpoints': string;
  'webhook-deliveries': string;
  'webhook-replays': string;
  'webhook-messages': string;
  'webhook-poll': string;
  statements: string;
  'write-offs': string;
  'suspense-items': string;
  'payment-applications': string;
  files: string;
  exceptions: string;
  /** The statement that the exception is about. */
  misread: string;
  'bank-statements': string;
  deposits: string;
  /** That the statement is of. */
  bankAccount: string;
  exports: string;
  'settlement-batches': string;
  suggestions: string;
  matches: string;
  'recon-runs': string;
  remittances: string;
  claims: string;
  'journal-entries': string;
  policyholder: string;
  /** Of the policy; what it earned was paid out. */
  producer: string;
  /** The invoice of which a part was written off, and the payment that nobody is known to own. */
  writtenOff: string;
  suspended: string;
  /** The payments that the dispute, the flag and the bank's return are of. */
  disputed: string;
  flagged: string;
  returned: string;
  /** The policy that is not paid. */
  delinquent: string;
  /** Of a payment that also has a statement, a merchant and a location, all called this. */
  tag: string;
}

/** Issues a policy, and waits until its first instalment is paid and a webhook about it was delivered. */
export async function acquire(tenant: Tenant): Promise<Holdings> {
  const api = apiOf(tenant);
  const first = finder(api);
  const receiver = await WebhookReceiver.start();
  const policyholder = `PH-${randomUUID()}`;
  const { body: clock } = await api.get<{ businessDate: string }>('/test-clocks');
  await api.post('/test-clocks/advance', { to: clock.businessDate });
  const endpoint = await api.post<{ id: string }>('/webhook-endpoints', { url: receiver.url });
  const consumer = await api.post<{ id: string }>('/webhook-poll', { name: 'books' });
  const message = await api.post<{ id: string }>('/webhook-messages', { type: 'custom.claim.opened', data: {} });
  const card = { token: 'tok_visa', policyholderLocator: policyholder };
  const method = await api.post<{ id: string }>('/payment-methods', card);
  const tag = `T-${randomUUID()}`;
  await api.post('/payments', { amount: 1, statementLocator: tag, merchantId: tag, locationId: tag });
  const plan = { name: `plan-${randomUUID()}`, label: 'Two payments', cadence: { type: 'monthly' }, count: 2 };
  await api.post('/plans', plan);
  const terms = policyBody(policyholder, clock.businessDate, method.body.id);
  const producer = `PR-${randomUUID()}`;
  const agreement = { producerId: producer, rate: '0.15', earn: 'on_issue', effectiveFrom: clock.businessDate };
  await api.post('/commission-agreements', agreement);
  const policy = await api.post<{ locator: string; scheduleId: string }>('/policies', {
    ...terms,
    producerId: producer,
    currency: tenant.currency,
  });
  const { locator } = policy.body;
  const payout = { producerId: producer, currency: tenant.currency };
  await api.post('/commission-payouts', payout, { 'idempotency-key': randomUUID() });
  const hold = { scope: { policyLocator: locator }, targets: ['delinquency'], reason: 'Complaint' };
  const held = await api.post<{ id: string }>('/holds', hold);
  const delinquent = await owe(api, { ...terms, currency: tenant.currency });
  const paidLink = await payLink(api, policyholder);
  const suspicious = await chargeSuspiciously(api);
  const payment = await first(`/payments?policyLocator=${locator}`, 'payments', ({ state }) => state === 'posted');
  await first(`/journal-entries?paymentLocator=${payment}`, 'items', ({ kind }) => kind === 'payment_posted');
  const holdings = {
    ...{ policyholder, producer, tag, delinquent, ...paidLink, ...suspicious },
    holds: held.body.id,
    delinquencies: await first(`/delinquencies?policyLocator=${delinquent}`, 'items', () => true),
    'payment-methods': method.body.id,
    payments: payment,
    receipts: await first(`/receipts?paymentLocator=${payment}`, 'items', () => true),
    policies: locator,
    plans: plan.name,
    schedules: policy.body.scheduleId,
    invoices: await first(`/invoices?policyLocator=${locator}`, 'invoices', ({ state }) => state === 'paid'),
    'webhook-endpoints': endpoint.body.id,
    'webhook-messages': message.body.id,
    'webhook-poll': consumer.body.id,
    'webhook-deliveries': await first('/webhook-deliveries', 'items', ({ state }) => state === 'delivered'),
    'webhook-replays': await replayNothing(api, endpoint.body.id),
    ...(await giveBack(api, payment)),
    'disbursement-requests': await payOut(api, policyholder, { currency: tenant.currency, on: clock.businessDate }),
    ...(await keepBooks(api, { ...terms, currency: tenant.currency }, clock.businessDate)),
    ...(await reconcile(api, { tag, currency: tenant.currency, returned: suspicious.returned })),
  };
  await receiver.stop();
  return holdings;
}

/** A policy that nobody pays, of a tenant that does something about it; its policyholder has no other. */
async function owe(api: Api, terms: Record<string, unknown>): Promise<string> {
  const { currency, effectiveDate: effectiveFrom } = terms;
  await api.post('/delinquency-plans', { name: 'Default', currency, effectiveFrom });
  const own = { collection: 'invoice', policyholderLocator: `PH-${randomUUID()}` };
  const { paymentMethodId: _method, ...unpaid } = { ...terms, ...own } as Record<string, unknown>;
  return (await api.post<{ locator: string }>('/policies', unpaid)).body.locator;
}

/**
 * A payment that is disputed two business days later, one of which the provider confirms too little, and one by ACH.
 */
async function chargeSuspiciously(api: Api) {
  const charge = async (token: string, more = {}) =>
    (await api.post<{ locator: string }>('/payments', { amount: '10.00', token, capture: true, ...more })).body.locator;
  const [disputed, flagged] = [await charge('tok_dispute_won'), await charge('tok_wrong_amount')];
  const returned = await charge('tok_ach', { amountCurrency: 'USD' });
  await api.post('/test-clocks/advance', { days: 4 });
  const first = finder(api);
  return {
    ...{ disputed, flagged, returned },
    disputes: await first(`/disputes?paymentLocator=${disputed}`, 'items', ({ state }) => state === 'opened'),
    'payment-flags': await first(`/payment-flags?paymentLocator=${flagged}`, 'items', ({ state }) => state === 'open'),
  };
}

/** Of a month before there was anything: nothing is sent for it. */
async function replayNothing(api: Api, endpointId: string): Promise<string> {
  const range = { from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z' };
  return (await api.post<{ id: string }>('/webhook-replays', { endpointId, ...range })).body.id;
}

/** By cheque, so that it waits for a second client and no money moves. */
async function giveBack(api: Api, payment: string) {
  const { body } = await api.post<{ id: string; disbursementId: string }>(
    `/payments/${payment}/refunds`,
    { amount: 1, reason: 'Overpaid', destination: 'check' },
    { 'idempotency-key': randomUUID() },
  );
  return { refunds: body.id, disbursements: body.disbursementId };
}

/** An invoice that unapplied money pays in part, the rest in part written off; money of nobody; a statement. */
async function keepBooks(api: Api, terms: ReturnType<typeof policyBody> & { currency: string }, on: string) {
  const { policyholderLocator, currency } = terms;
  const cash = { method: 'check', receivedDate: on, amount: 1 };
  const { body: lost } = await api.post<{ locator: string }>('/payments', { ...cash, policyLocator: 'nobody' });
  const first = finder(api);
  const bill = { ...terms, collection: 'invoice', paymentMethodId: undefined };
  await api.post('/payments', { ...cash, policyholderLocator });
  const { body: policy } = await api.post<{ locator: string }>('/policies', bill);
  const invoiceLocator = await first(`/invoices?policyLocator=${policy.locator}`, 'invoices', () => true);
  const application = { owner: { type: 'policyholder', locator: policyholderLocator }, currency };
  const applied = await eventually(async () => {
    const body = { ...application, invoices: [{ invoiceLocator }] };
    const answer = await api.post<{ items: Found[] }>('/payment-applications', body, {
      'idempotency-key': randomUUID(),
    });
    return answer.status === 201 ? (answer.body.items[0]?.['id'] as string) : undefined;
  });
  const wish = { invoiceLocator, amount: 1, reason: 'Goodwill' };
  const { body: written } = await api.post<{ id: string }>('/write-offs', wish);
  const period = { periodStart: `${Number(on.slice(0, 4)) - 1}${on.slice(4, 8)}01`, periodEnd: on };
  const { body: statement } = await api.post<{ locator: string }>('/statements', {
    ...{ policyholderLocator, currency, ...period },
  });
  return {
    'payment-applications': applied,
    'write-offs': written.id,
    writtenOff: invoiceLocator,
    'suspense-items': await first(`/suspense-items?paymentLocator=${lost.locator}`, 'items', () => true),
    suspended: lost.locator,
    statements: statement.locator,
  };
}

/** Money that came without a policy is unapplied, and is asked back. */
async function payOut(api: Api, policyholder: string, { currency, on }: { currency: string; on: string }) {
  await api.post('/payments', { policyholderLocator: policyholder, method: 'check', receivedDate: on, amount: 5 });
  const owner = { type: 'policyholder', locator: policyholder };
  const request = { source: 'unapplied', owner, amount: '5.00', currency, payeeType: 'insured' };
  return eventually(async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { status, body } = await api.post<{ id: string }>('/disbursement-requests', request, key);
    return status === 201 ? body.id : undefined;
  });
}
