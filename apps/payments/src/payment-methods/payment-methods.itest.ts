import { newId } from '@quittance/service-kit/id';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments();
});
afterAll(() => payments.stop());

const tenantId = newId();
interface Method {
  id: string;
}
interface Problem {
  errors: { pointer: string }[];
}

describe('payment methods', () => {
  it('keep what a person recognises, and never show the token', async () => {
    const api = await payments.api(tenantId);
    const { status, body } = await api.post<Method>('/payment-methods', {
      ...{ token: 'tok_visa', policyholderLocator: 'ph-1' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ type: 'card', brand: 'visa', last4: '4242', state: 'active' });
    expect(JSON.stringify(body)).not.toContain('tok_visa');
    expect((await api.get(`/payment-methods/${body.id}`)).body).toEqual(body);
    const [event] = await payments.eventsOf(body.id);
    expect(event).toMatchObject({
      type: 'payment_method.added',
      data: { paymentMethodId: body.id, type: 'card', last4: '4242', policyholderLocator: 'ph-1', state: 'active' },
    });
    expect(JSON.stringify(event)).not.toContain('tok_visa');
  });

  it.each(['tok_nobody', '4242424242424242'])('422 at /token for %s', async (token) => {
    const api = await payments.api(tenantId);
    const answer = await api.post<Problem>('/payment-methods', { token, policyholderLocator: 'ph-1' });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer: '/token' }]);
  });

  it('400 for what is missing or unknown', async () => {
    const api = await payments.api(tenantId);
    const answer = await api.post<Problem>('/payment-methods', { number: '4242' });
    expect(answer.status).toBe(400);
    expect([...new Set(answer.body.errors.map(({ pointer }) => pointer))].sort()).toEqual([
      ...['/number', '/policyholderLocator', '/token'],
    ]);
  });

  it("404 for another tenant's", async () => {
    const { body } = await (
      await payments.api(tenantId)
    ).post<Method>('/payment-methods', { token: 'tok_visa', policyholderLocator: 'ph-1' });
    expect((await (await payments.api(newId())).get(`/payment-methods/${body.id}`)).status).toBe(404);
  });
});
