import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { billingEvent, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments();
});
afterAll(() => payments.stop());

interface Method {
  id: string;
}

async function method(tenantId: string, token: string): Promise<string> {
  const api = await payments.api(tenantId);
  const { body } = await api.post<Method>('/payment-methods', { token, policyholderLocator: 'holder' });
  return body.id;
}

function due(
  tenantId: string,
  instalmentId: string,
  rest: { paymentMethodId?: string; attempt?: number; minor?: number },
) {
  const { attempt = 1, minor = 2567 } = rest;
  return billingEvent({
    type: attempt === 1 ? 'instalment.due' : 'instalment.collection_due',
    ...{ tenantId, subject: instalmentId, sequence: attempt },
    data: {
      ...{ instalmentId, attempt, balance: usd(minor), amount: usd(minor), collection: 'automatic' },
      policyLocator: `policy-${instalmentId}`,
      paymentMethodId: rest.paymentMethodId ?? newId(),
    },
  });
}

interface Shown {
  locator: string;
  state: string;
  amount: number;
  failure?: { code: string };
}

async function paymentsOf(tenantId: string, instalmentId: string): Promise<Shown[]> {
  const api = await payments.api(tenantId);
  const { body } = await api.get<{ payments: Shown[] }>(`/payments?policyLocator=policy-${instalmentId}`);
  return body.payments;
}

async function paymentIn(state: string, tenantId: string, instalmentId: string): Promise<Shown> {
  return eventually(async () => (await paymentsOf(tenantId, instalmentId)).find((shown) => shown.state === state));
}

const types = async (locator: string) => (await payments.eventsOf(locator)).map(({ type }) => type);

describe('an instalment that is due', () => {
  const tenantId = newId();

  it('is charged once and posted', async () => {
    const instalmentId = newId();
    const event = due(tenantId, instalmentId, { paymentMethodId: await method(tenantId, 'tok_visa') });
    await payments.publish(event);
    const posted = await paymentIn('posted', tenantId, instalmentId);
    expect(posted).toMatchObject({ amount: 25.67, method: 'card', policyLocator: `policy-${instalmentId}` });
    const events = await payments.eventsOf(posted.locator);
    expect(events.map(({ type, sequence, causationid }) => [type, sequence, causationid])).toEqual([
      ['payment.created', '0000000001', event.id],
      ['payment.processing', '0000000002', event.id],
      ['payment.posted', '0000000003', undefined],
    ]);
    expect(new Set(events.map(({ correlationid }) => correlationid))).toEqual(new Set([event.correlationid]));
    expect(events.at(-1)?.data).toMatchObject({
      source: { type: 'instalment', id: instalmentId, attempt: 1 },
      ...{ attemptNo: 1, channel: 'autopay', state: 'posted', amount: usd(2567) },
    });
    expect(payments.sandbox.charges.ofSubject(instalmentId)).toHaveLength(1);
  });

  it('is charged once although it is said again, by the same event and by another of the same attempt', async () => {
    const [instalmentId, after] = [newId(), newId()];
    const paymentMethodId = await method(tenantId, 'tok_visa');
    const event = due(tenantId, instalmentId, { paymentMethodId });
    await payments.publish(event, event, due(tenantId, instalmentId, { paymentMethodId }));
    await payments.publish(due(tenantId, after, { paymentMethodId }));
    await paymentIn('posted', tenantId, after);
    expect(await paymentIn('posted', tenantId, instalmentId)).toBeDefined();
    expect(await paymentsOf(tenantId, instalmentId)).toHaveLength(1);
    expect(payments.sandbox.charges.ofSubject(instalmentId)).toHaveLength(1);
  });

  it('is charged on another date where one was agreed: its due date charges nothing', async () => {
    const [instalmentId, after] = [newId(), newId()];
    const paymentMethodId = await method(tenantId, 'tok_visa');
    const said = due(tenantId, instalmentId, { paymentMethodId });
    const dated = { ...said, data: { ...said.data, autopayOn: '2025-01-04' } } as typeof said;
    await payments.publish(dated, due(tenantId, after, { paymentMethodId }));
    await paymentIn('posted', tenantId, after);
    expect(await paymentsOf(tenantId, instalmentId)).toEqual([]);
    const asked = { ...dated, type: 'instalment.collection_due', id: newId(), sequence: '0000000002' } as typeof said;
    await payments.publish(asked);
    await paymentIn('posted', tenantId, instalmentId);
    expect(payments.sandbox.charges.ofSubject(instalmentId)).toHaveLength(1);
  });

  it('waits after a soft no until billing asks again, and is posted by the same payment', async () => {
    const instalmentId = newId();
    const paymentMethodId = await method(tenantId, 'tok_declined_once');
    await payments.publish(due(tenantId, instalmentId, { paymentMethodId }));
    const ready = await eventually(async () => {
      const [shown] = await paymentsOf(tenantId, instalmentId);
      return shown?.failure && shown;
    });
    expect(ready).toMatchObject({ state: 'ready', failure: { code: 'insufficient_funds' } });
    await payments.publish(due(tenantId, instalmentId, { paymentMethodId, attempt: 2, minor: 1567 }));
    const posted = await paymentIn('posted', tenantId, instalmentId);
    expect(posted).toMatchObject({ locator: ready.locator, amount: 15.67 });
    expect(await types(posted.locator)).toEqual([
      'payment.created',
      'payment.processing',
      'payment.failed',
      'payment.processing',
      'payment.posted',
    ]);
    const [, , failed] = await payments.eventsOf(posted.locator);
    expect(failed?.data).toMatchObject({
      state: 'ready',
      failure: { code: 'insufficient_funds', category: 'soft', retryable: true },
      source: { attempt: 1 },
    });
  });

  it('is declined for good by a stolen card, and a new effort is a new payment', async () => {
    const instalmentId = newId();
    await payments.publish(
      due(tenantId, instalmentId, { paymentMethodId: await method(tenantId, 'tok_declined_stolen') }),
    );
    const declined = await paymentIn('declined', tenantId, instalmentId);
    expect(await types(declined.locator)).toEqual([
      'payment.created',
      'payment.processing',
      'payment.failed',
      'payment.declined',
    ]);
    await payments.publish(
      due(tenantId, instalmentId, { paymentMethodId: await method(tenantId, 'tok_visa'), attempt: 2 }),
    );
    const posted = await paymentIn('posted', tenantId, instalmentId);
    expect(posted.locator).not.toBe(declined.locator);
  });

  it("declines without a method, with another tenant's method and with one that is no id", async () => {
    const foreign = await method(newId(), 'tok_visa');
    for (const paymentMethodId of [newId(), foreign, 'not-an-id']) {
      const instalmentId = newId();
      await payments.publish(due(tenantId, instalmentId, { paymentMethodId }));
      const declined = await paymentIn('declined', tenantId, instalmentId);
      expect(declined.failure?.code).toBe('no_payment_method');
      expect(await types(declined.locator)).toEqual(['payment.created', 'payment.failed', 'payment.declined']);
      expect(payments.sandbox.charges.ofSubject(instalmentId)).toEqual([]);
    }
  });

  it('is none of our business when an invoice or a partner collects it', async () => {
    const [byInvoice, byPartner, after] = [newId(), newId(), newId()];
    const paymentMethodId = await method(tenantId, 'tok_visa');
    for (const [instalmentId, collection] of [
      [byInvoice, 'invoice'],
      [byPartner, 'partner'],
    ] as const) {
      const event = due(tenantId, instalmentId, { paymentMethodId });
      await payments.publish({ ...event, data: { ...event.data, collection } });
    }
    await payments.publish(due(tenantId, after, { paymentMethodId }));
    await paymentIn('posted', tenantId, after);
    expect(await paymentsOf(tenantId, byInvoice)).toEqual([]);
    expect(await paymentsOf(tenantId, byPartner)).toEqual([]);
  });
});

describe('many at once', () => {
  it('posts a batch of several tenants, each exactly once', async () => {
    const tenants = [newId(), newId(), newId()];
    const methods = await Promise.all(tenants.map((tenantId) => method(tenantId, 'tok_visa')));
    const asked = Array.from({ length: 300 }, (_, n) => ({ tenantId: tenants[n % 3]!, instalmentId: newId(), n }));
    await payments.publish(
      ...asked.map(({ tenantId, instalmentId, n }) =>
        due(tenantId, instalmentId, { paymentMethodId: methods[n % 3]!, minor: 1000 + n }),
      ),
    );
    await eventually(async () => {
      const [row] = await payments.sql<{ n: string }>(
        `SELECT count(*) AS n FROM payments WHERE state = 'posted' AND tenant_id = ANY($1)`,
        [tenants],
      );
      return Number(row?.n) === asked.length;
    });
    for (const { instalmentId } of asked) {
      expect(payments.sandbox.charges.ofSubject(instalmentId)).toHaveLength(1);
    }
    const [odd] = await payments.sql(
      `SELECT count(*) AS n FROM payments p JOIN event_log e ON e.tenant_id = p.tenant_id AND e.subject = p.id::text
        WHERE p.tenant_id = ANY($1) GROUP BY p.id, p.version HAVING count(*) <> p.version`,
      [tenants],
    );
    expect(odd).toBeUndefined();
  });
});
