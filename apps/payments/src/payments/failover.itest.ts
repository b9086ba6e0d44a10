import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { billingEvent, startPayments, startSandbox, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

const tenantId = newId();
let standby: Awaited<ReturnType<typeof startSandbox>>;
let payments: Payments;
beforeAll(async () => {
  standby = await startSandbox();
  const rests = { PROVIDER_BREAKER_FAILURES: '1', PROVIDER_BREAKER_RESET_MS: '60000' };
  payments = await startPayments({ PROVIDER_SANDBOX_STANDBY_URL: standby.url, ...rests });
});
afterAll(async () => {
  await payments.stop();
  await standby.stop();
});

const charge = async (instrument: { token: string } | { paymentMethodId: string }) => {
  const api = await payments.api(tenantId);
  const request = { amount: 25.67, capture: true, ...instrument };
  return (await api.post<{ locator: string; state: string }>('/payments', request)).body;
};
const attemptsOf = (paymentId: string) =>
  payments.sql('SELECT n, provider, state FROM payment_attempts WHERE payment_id = $1 ORDER BY n', [paymentId]);
const providerOf = async (paymentId: string) => {
  const [row] = await payments.sql<{ provider: string }>('SELECT provider FROM payments WHERE id = $1', [paymentId]);
  return row?.provider;
};

it('sends new attempts to the standby while the first is not reached, and leaves others where they are', async () => {
  const api = await payments.api(tenantId);
  const { body: method } = await api.post<{ id: string }>('/payment-methods', {
    ...{ token: 'tok_visa', policyholderLocator: 'ph-1' },
  });
  await payments.sandbox.goDown();

  const stored = { paymentMethodId: method.id };
  const first = await charge(stored);
  expect(await attemptsOf(first.locator)).toEqual([{ n: 1, provider: 'sandbox', state: 'unknown' }]);

  for (const instrument of [stored, { token: 'tok_visa' }]) {
    const { locator, state } = await charge(instrument);
    expect(state).toBe('posted');
    expect(await attemptsOf(locator)).toEqual([{ n: 1, provider: 'sandbox_standby', state: 'succeeded' }]);
    expect(await providerOf(locator)).toBe('sandbox_standby');
  }

  const instalmentId = newId();
  const data = {
    instalmentId,
    collection: 'automatic',
    paymentMethodId: method.id,
    balance: usd(2567),
    attempt: 1,
  } as const;
  await payments.publish(billingEvent({ type: 'instalment.due', tenantId, subject: instalmentId, data }));
  await eventually(() => standby.charges.ofSubject(instalmentId).length === 1);

  await payments.sandbox.comeBack();
  expect((await attemptsOf(first.locator))[0]).toMatchObject({ provider: 'sandbox', state: 'unknown' });
  expect(standby.charges.ofSubject(first.locator)).toEqual([]);
});
