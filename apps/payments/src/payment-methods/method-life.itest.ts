import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { pay, tell, typesOf } from '../testing/notifier.itest.ts';
import { ExpireMethodsWorker } from './expire-methods.worker.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments({}, { dayMs: 50 });
});
afterAll(() => payments.stop());

interface Method {
  id: string;
  state: string;
  isDefault: boolean;
  fingerprint: string;
  last4: string;
  expiresDate?: string;
}
interface Page {
  items: Method[];
  nextCursor: string | null;
}

const tenantId = newId();
async function add(token: string, policyholderLocator: string): Promise<Method> {
  const api = await payments.api(tenantId);
  return (await api.post<Method>('/payment-methods', { token, policyholderLocator })).body;
}
const get = async (id: string) => (await (await payments.api(tenantId)).get<Method>(`/payment-methods/${id}`)).body;
const change = async (id: string, body: object) =>
  (await payments.api(tenantId)).send<Method>('PATCH', `/payment-methods/${id}`, { body });
/** A card whose last day is in this many days. */
async function expiringIn(days: number): Promise<string> {
  const { id } = await add('tok_visa', newId());
  const expiresOn = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  await payments.sql('UPDATE payment_methods SET expires_on = $2 WHERE id = $1', [id, expiresOn]);
  payments.service.app.get(ExpireMethodsWorker, { strict: false }).kick();
  return id;
}

describe('the methods of a policyholder', () => {
  it('are listed, newest first, with what tells two tokens of one card', async () => {
    const holder = newId();
    const [first, second] = [await add('tok_visa', holder), await add('tok_visa_again', holder)];
    const api = await payments.api(tenantId);
    const { body } = await api.get<Page>(`/payment-methods?policyholderLocator=${holder}`);
    expect(body.items.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(first.fingerprint).toBe(second.fingerprint);
    const page = (await api.get<Page>(`/payment-methods?policyholderLocator=${holder}&limit=1`)).body;
    expect(page.items.map(({ id }) => id)).toEqual([second.id]);
    const rest = await api.get<Page>(`/payment-methods?policyholderLocator=${holder}&cursor=${page.nextCursor}`);
    expect(rest.body.items.map(({ id }) => id)).toEqual([first.id]);
    const stranger = await payments.api(newId());
    expect((await stranger.get<Page>(`/payment-methods?policyholderLocator=${holder}`)).body.items).toEqual([]);
  });

  it('have one default, and the one before it steps back', async () => {
    const holder = newId();
    const [first, second] = [await add('tok_visa', holder), await add('tok_ach', holder)];
    expect(await change(first.id, { isDefault: true })).toMatchObject({ status: 200, body: { isDefault: true } });
    expect(await change(second.id, { isDefault: true })).toMatchObject({ status: 200, body: { isDefault: true } });
    expect(await get(first.id)).toMatchObject({ isDefault: false });
    const types = ['payment_method.added', 'payment_method.updated', 'payment_method.updated'];
    expect(await typesOf(payments, first.id)).toEqual(types);
    const both = payments.sql('UPDATE payment_methods SET is_default = true WHERE policyholder_locator = $1', [holder]);
    await expect(both).rejects.toMatchObject({ constraint: 'payment_methods_one_default' });
  });

  it('have one default when ten ask at once', async () => {
    const holder = newId();
    const methods = await Promise.all(Array.from({ length: 10 }, () => add('tok_visa', holder)));
    const answers = await Promise.all(methods.map(({ id }) => change(id, { isDefault: true })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const found = await Promise.all(methods.map(({ id }) => get(id)));
    expect(found.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });
});

describe('a method that the customer takes back', () => {
  it('stays to be seen, can be no default, and is charged no more', async () => {
    const { id } = await add('tok_ach', newId());
    const api = await payments.api(tenantId);
    await change(id, { isDefault: true });
    const revoked = await api.send<Method>('DELETE', `/payment-methods/${id}`);
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', isDefault: false } });
    expect(revoked.body).toMatchObject({ mandate: { scheme: 'ach', state: 'revoked' } });
    expect((await api.send<Method>('DELETE', `/payment-methods/${id}`)).body).toEqual(revoked.body);
    const events = await payments.eventsOf(id);
    expect(events.at(-1)).toMatchObject({ type: 'payment_method.revoked', data: { reason: 'customer' } });
    expect(events).toHaveLength(3);
    const charge = { amount: 1, paymentMethodId: id, capture: true };
    expect((await api.post('/payments', charge)).status).toBe(422);
    expect((await change(id, { isDefault: true })).status).toBe(422);
    expect((await (await payments.api(newId())).send('DELETE', `/payment-methods/${id}`)).status).toBe(404);
  });
});

describe('a card that is replaced', () => {
  it('goes on under its token, and is told of once', async () => {
    const { id } = await add('tok_card_replaced', newId());
    await pay(payments, tenantId, { paymentMethodId: id });
    await eventually(async () => (await get(id)).last4 === '5004');
    await pay(payments, tenantId, { paymentMethodId: id });
    await eventually(async () => {
      const told = `SELECT 1 FROM provider_notifications WHERE kind = 'method' AND state = 'applied'`;
      return (await payments.sql(told)).length === 2;
    });
    expect(await typesOf(payments, id)).toEqual(['payment_method.added', 'payment_method.updated']);
  });

  it('is nothing to us when nobody has stored its token', async () => {
    const instrument = { type: 'card', brand: 'visa', last4: '1', expiresOn: null, currency: null };
    const data = { token: `tok_${newId()}`, instrument: { ...instrument, fingerprint: 'f', mandate: null } };
    expect(await tell(payments, { type: 'method', data })).toBe(200);
  });
});

describe('as days pass', () => {
  it('is told once that a card expires within 30 days', async () => {
    const [soon, later] = [await expiringIn(30), await expiringIn(31)];
    await eventually(async () => (await typesOf(payments, soon)).length === 2);
    await payments.sql(`UPDATE payment_methods SET expires_on = expires_on - 2 WHERE id = $1`, [later]);
    payments.service.app.get(ExpireMethodsWorker, { strict: false }).kick();
    await eventually(async () => (await typesOf(payments, later)).length === 2);
    expect(await typesOf(payments, soon)).toEqual(['payment_method.added', 'payment_method.expiring']);
  });

  it('expires after its last day', async () => {
    const [past, today] = [await expiringIn(-1), await expiringIn(0)];
    await eventually(async () => (await typesOf(payments, past)).includes('payment_method.updated'));
    expect(await get(past)).toMatchObject({ state: 'expired' });
    await eventually(async () => (await typesOf(payments, today)).includes('payment_method.expiring'));
    expect(await get(today)).toMatchObject({ state: 'active' });
  });
});
