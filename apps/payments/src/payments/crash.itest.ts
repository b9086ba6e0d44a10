import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { serviceEnvironment, spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import { billingEvent, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let worker: SpawnedService;

beforeAll(async () => {
  // HTTP in this process, everything that charges in another one, which is killed.
  payments = await startPayments({ ROLE: 'api' });
  worker = await spawnService('payments', {
    ...serviceEnvironment({
      database: payments.database,
      natsUrl: payments.nats.urls.payments,
      jwksUrl: payments.issuer.jwksUrl,
    }),
    ...{ ROLE: 'worker', PROVIDER_SANDBOX_URL: payments.sandbox.url, ALLOW_TEST_CLOCK: 'true' },
    ...{ PROVIDER_TIMEOUT_MS: '1500', ATTEMPT_LEASE_MS: '2000', UNKNOWN_RESOLVE_AFTER_MS: '500' },
  });
});
afterAll(async () => {
  await worker.stop();
  await payments.stop();
});

it('kill -9 while charges are under way: every instalment ends posted, by exactly one charge', async () => {
  const tenantId = newId();
  const api = await payments.api(tenantId);
  const add = async (token: string) => {
    const { body } = await api.post<{ id: string }>('/payment-methods', { token, policyholderLocator: 'holder' });
    return body.id;
  };
  const [visa, silent] = await Promise.all([add('tok_visa'), add('tok_timeout_approved')]);
  const instalments = Array.from({ length: 40 }, (_, n) => ({
    instalmentId: newId(),
    paymentMethodId: n % 4 === 0 ? silent : visa,
  }));
  const publish = (some: typeof instalments) =>
    payments.publish(
      ...some.map(({ instalmentId, paymentMethodId }) =>
        billingEvent({
          ...{ type: 'instalment.due', tenantId, subject: instalmentId },
          data: { instalmentId, paymentMethodId, attempt: 1, balance: usd(1000), collection: 'automatic' },
        }),
      ),
    );
  const isAtProvider = ({ instalmentId }: { instalmentId: string }) =>
    payments.sandbox.charges.ofSubject(instalmentId).length === 1;

  await publish(instalments.slice(0, 20));
  await eventually(() => instalments.slice(0, 20).some(isAtProvider));
  await worker.kill();
  await publish(instalments.slice(20));
  await worker.restart();
  await eventually(() => instalments.slice(20).some(isAtProvider), { timeoutMs: 30_000 });
  await worker.kill();
  await worker.restart();

  await eventually(
    async () => {
      const [row] = await payments.sql<{ n: string }>(
        `SELECT count(*) AS n FROM payments WHERE tenant_id = $1 AND state = 'posted'`,
        [tenantId],
      );
      return Number(row?.n) === instalments.length;
    },
    { timeoutMs: 60_000 },
  );
  expect(instalments.map(({ instalmentId }) => payments.sandbox.charges.ofSubject(instalmentId).length)).toEqual(
    instalments.map(() => 1),
  );
  const posted = await payments.sql<{ n: string }>(
    `SELECT count(*) AS n FROM event_log WHERE tenant_id = $1 AND type = 'payment.posted'`,
    [tenantId],
  );
  expect(Number(posted[0]?.n)).toBe(instalments.length);
}, 120_000);
