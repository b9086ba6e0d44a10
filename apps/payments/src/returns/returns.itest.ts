import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { billingEvent, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { approvedCharge, chargeRefOf, notificationOf, pay, stateOf, tell, typesOf } from '../testing/notifier.itest.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments({}, { dayMs: 50 });
});
afterAll(() => payments.stop());

const tenantId = newId();
interface Method {
  id: string;
  state: string;
  mandate: { state: string };
}

async function method(token: string): Promise<Method> {
  const api = await payments.api(tenantId);
  return (await api.post<Method>('/payment-methods', { token, policyholderLocator: newId() })).body;
}
const methodOf = async (id: string) =>
  (await (await payments.api(tenantId)).get<Method>(`/payment-methods/${id}`)).body;
const isReturned = (locator: string) =>
  eventually(async () => (await stateOf(payments, tenantId, locator)) === 'returned');

describe('a bank return', () => {
  it('takes the payment back, with its code, and S-90: the mandate with a code that revokes it', async () => {
    const { id: paymentMethodId } = await method('tok_ach_return_r10');
    const { locator } = await pay(payments, tenantId, { paymentMethodId });
    await isReturned(locator);
    const events = await payments.eventsOf(locator);
    expect(events.map(({ type }) => type)).toEqual([
      ...['payment.created', 'payment.processing', 'payment.posted', 'payment.returned'],
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      state: 'returned',
      return: { scheme: 'ach', code: 'R10', pejorative: false },
    });
    expect(await methodOf(paymentMethodId)).toMatchObject({ state: 'revoked', mandate: { state: 'revoked' } });
    const [, revoked] = await payments.eventsOf(paymentMethodId);
    expect(revoked).toMatchObject({ type: 'payment_method.revoked', data: { state: 'revoked', reason: 'R10' } });
    const refused = await (
      await payments.api(tenantId)
    ).post('/payments', { amount: 100, paymentMethodId, capture: true });
    expect(refused.status).toBe(422);
  });

  it.each([
    ['r03', 'blocked', 'active'],
    ['r01', 'active', 'active'],
  ])('with %s leaves the method %s', async (code, state, mandate) => {
    const { id: paymentMethodId } = await method(`tok_ach_return_${code}`);
    const { locator } = await pay(payments, tenantId, { paymentMethodId });
    await isReturned(locator);
    expect(await methodOf(paymentMethodId)).toMatchObject({ state, mandate: { state: mandate } });
  });

  it('told five times is one', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    const chargeRef = await chargeRefOf(payments, locator);
    const data = { chargeRef, code: 'R01', amountMinor: 10_000, currency: 'USD', returnedOn: '2026-01-16' };
    await Promise.all(Array.from({ length: 5 }, () => tell(payments, { type: 'returned', data })));
    await isReturned(locator);
    await eventually(async () => {
      const waiting = `SELECT 1 FROM provider_notifications WHERE news->>'chargeRef' = $1 AND state = 'waiting'`;
      return (await payments.sql(waiting, [chargeRef])).length === 0;
    });
    expect((await typesOf(payments, locator)).filter((type) => type === 'payment.returned')).toHaveLength(1);
    const [event] = (await payments.eventsOf(locator)).slice(-1);
    expect(event?.data).toMatchObject({ return: { code: 'R01', pejorative: true, returnedDate: '2026-01-16' } });
  });

  it('of another amount is for a person, and the payment stands', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    const chargeRef = await chargeRefOf(payments, locator);
    const data = { chargeRef, code: 'R01', amountMinor: 5_000, currency: 'USD', returnedOn: '2026-01-16' };
    await tell(payments, { type: 'returned', data });
    await eventually(async () => (await typesOf(payments, locator)).at(-1) === 'payment.flagged');
    expect(await stateOf(payments, tenantId, locator)).toBe('posted');
  });

  it('that comes before the posting waits for it', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_3ds' });
    const chargeRef = await chargeRefOf(payments, locator);
    const id = `ntf_${newId()}`;
    const data = { chargeRef, code: 'R01', amountMinor: 10_000, currency: 'USD', returnedOn: '2026-01-16' };
    await tell(payments, { type: 'returned', id, data });
    await eventually(async () => ((await notificationOf(payments, id))?.tries ?? 0) > 0);
    expect(await stateOf(payments, tenantId, locator)).toBe('ready');
    await tell(payments, approvedCharge(`${locator}_1`, chargeRef, 10_000));
    await isReturned(locator);
    expect((await typesOf(payments, locator)).slice(-2)).toEqual(['payment.posted', 'payment.returned']);
  });
});

describe('a return that reconciliation found in a file', () => {
  const detected = (paymentLocator: string, about: { tenant?: string; minor?: number; code?: string } = {}) => {
    const { tenant = tenantId, minor = 10_000, code = 'R02' } = about;
    const data = { paymentLocator, code, amount: usd(minor), effectiveDate: '2026-01-16' };
    return billingEvent({ type: 'return.detected', tenantId: tenant, subject: newId(), data });
  };

  it('takes the payment back once, whoever else tells of it, and says by which event', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    const first = detected(locator);
    await payments.publish(first, detected(locator, { code: 'R01' }), detected(newId()));
    await isReturned(locator);
    const chargeRef = await chargeRefOf(payments, locator);
    const data = { chargeRef, code: 'R01', amountMinor: 10_000, currency: 'USD', returnedOn: '2026-01-16' };
    await tell(payments, { type: 'returned', data });
    const next = (await pay(payments, tenantId, { token: 'tok_visa' })).locator;
    await payments.publish(detected(next));
    await isReturned(next);
    expect((await typesOf(payments, locator)).filter((type) => type === 'payment.returned')).toHaveLength(1);
    const [event] = (await payments.eventsOf(locator)).slice(-1);
    expect(event).toMatchObject({
      causationid: first.id,
      data: { return: { scheme: 'ach', code: 'R02', returnedDate: '2026-01-16' } },
    });
  });

  it("of another amount is for a person, and another tenant's is nobody's", async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    await payments.publish(detected(locator, { tenant: newId() }), detected(locator, { minor: 5_000 }));
    await eventually(async () => (await typesOf(payments, locator)).at(-1) === 'payment.flagged');
    expect(await stateOf(payments, tenantId, locator)).toBe('posted');
  });
});

describe('S-89: an account without funds', () => {
  interface Row {
    id: string;
    state: string;
    retry_of: string | null;
    failure: { code: string } | null;
  }

  it('is asked three times, each a new payment, and the third re-presentment is refused', async () => {
    const { id: paymentMethodId } = await method('tok_ach_return_r01');
    const [instalmentId, policyLocator] = [newId(), newId()];
    const rows = () => payments.sql<Row>('SELECT * FROM payments WHERE source_id = $1 ORDER BY id', [instalmentId]);
    for (const attempt of [1, 2, 3, 4]) {
      const about = { instalmentId, paymentMethodId, policyLocator, attempt, balance: usd(10_000) };
      const type = attempt === 1 ? 'instalment.due' : 'instalment.collection_due';
      const data = { ...about, collection: 'automatic', dueOn: '2026-01-10' } as const;
      await payments.publish(billingEvent({ type, tenantId, subject: instalmentId, sequence: attempt, data }));
      await eventually(async () => {
        const found = await rows();
        return found.length === attempt && ['returned', 'declined'].includes(found.at(-1)!.state);
      });
    }
    const found = await rows();
    expect(found.map(({ state }) => state)).toEqual(['returned', 'returned', 'returned', 'declined']);
    expect(found.map(({ retry_of: of }) => of)).toEqual([null, ...found.slice(0, 3).map(({ id }) => id)]);
    expect(found.at(-1)?.failure).toMatchObject({ code: 're_presentment_exhausted', category: 'hard' });
    expect(payments.sandbox.charges.ofSubject(instalmentId)).toHaveLength(3);
  });
});

describe('on a test clock', () => {
  const advanced = (tenant: string, businessDate: string, sequence: number) =>
    billingEvent({ type: 'test_clock.advanced', tenantId: tenant, subject: tenant, sequence, data: { businessDate } });

  it('what the bank does on a day is done before the day is reached', async () => {
    const tenant = newId();
    const api = await payments.api(tenant);
    const token = 'tok_ach_return_r01';
    const { body } = await api.post<Method>('/payment-methods', { token, policyholderLocator: newId() });
    const instalmentId = newId();
    const asked = { instalmentId, paymentMethodId: body.id, attempt: 1, balance: usd(10_000), dueOn: '2030-02-01' };
    await payments.publish(
      billingEvent({
        ...{ type: 'instalment.due', tenantId: tenant, subject: instalmentId },
        data: { ...asked, policyLocator: newId(), collection: 'automatic' },
      }),
    );
    const states: string[] = [];
    // A Friday: the bank posts on Monday and takes it back on Tuesday.
    for (const [n, day] of ['01', '02', '03', '04', '05'].entries()) {
      await payments.publish(advanced(tenant, `2030-02-${day}`, n + 1));
      await eventually(async () => (await payments.eventsOf(tenant)).length === n + 1);
      const [row] = await payments.sql<{ state: string }>('SELECT state FROM payments WHERE tenant_id = $1', [tenant]);
      states.push(row!.state);
    }
    expect(states).toEqual(['processing', 'processing', 'processing', 'posted', 'returned']);
    const [row] = await payments.sql<{ returned: object }>('SELECT returned FROM payments WHERE tenant_id = $1', [
      tenant,
    ]);
    expect(row?.returned).toMatchObject({ code: 'R01', returnedOn: '2030-02-05' });
  });
});
