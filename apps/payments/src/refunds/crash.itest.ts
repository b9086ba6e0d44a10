import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { serviceEnvironment, spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import { scopes, startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let worker: SpawnedService;

beforeAll(async () => {
  // HTTP in this process, everything that gives money back in another one, which is killed.
  payments = await startPayments({ ROLE: 'api', PROVIDER_TIMEOUT_MS: '5000' });
  worker = await spawnService('payments', {
    ...serviceEnvironment({
      database: payments.database,
      natsUrl: payments.nats.urls.payments,
      jwksUrl: payments.issuer.jwksUrl,
    }),
    ...{ ROLE: 'worker', PROVIDER_SANDBOX_URL: payments.sandbox.url, PROVIDER_CONCURRENCY: '4' },
    ...{ PROVIDER_TIMEOUT_MS: '500', ATTEMPT_LEASE_MS: '700', UNKNOWN_RESOLVE_AFTER_MS: '200' },
  });
});
afterAll(async () => {
  await worker.stop();
  await payments.stop();
});

it('kill -9 while refunds are under way: each is given back exactly once', async () => {
  const tenantId = newId();
  const api = await payments.api(tenantId, { granted: [...scopes, 'payments:refund'] });
  const pay = async (token: string) => {
    const { body } = await api.post<{ locator: string; state: string }>('/payments', {
      ...{ amount: '10.00', token, capture: true },
    });
    expect(body.state).toBe('posted');
    return body.locator;
  };
  const locators = await Promise.all(
    Array.from({ length: 24 }, (_, n) => pay(n % 4 === 0 ? 'tok_refund_timeout' : 'tok_visa')),
  );
  const ask = async (locator: string) => {
    const key = { 'idempotency-key': newId() };
    const { status, body } = await api.post<{ id: string }>(
      `/payments/${locator}/refunds`,
      { reason: 'Overpaid' },
      key,
    );
    expect(status).toBe(201);
    return body.id;
  };
  const isAtProvider = (id: string) => payments.sandbox.charges.find('refund', `${id}_1`) !== undefined;

  const first = await Promise.all(locators.slice(0, 12).map(ask));
  await eventually(() => first.some(isAtProvider), { timeoutMs: 30_000 });
  await worker.kill();
  const rest = await Promise.all(locators.slice(12).map(ask));
  await worker.restart();

  const ids = [...first, ...rest];
  const count = async (text: string) => Number((await payments.sql<{ n: string }>(text, [tenantId]))[0]?.n);
  const succeeded = `SELECT count(*) AS n FROM refunds WHERE tenant_id = $1 AND state = 'succeeded'`;
  await eventually(async () => (await count(succeeded)) === ids.length, { timeoutMs: 60_000 });
  expect(await count(`SELECT count(*) AS n FROM event_log WHERE tenant_id = $1 AND type = 'refund.succeeded'`)).toBe(
    24,
  );
  const open =
    'SELECT count(*) AS n FROM payments WHERE tenant_id = $1 AND (refunded_minor, refund_pending_minor) <> (1000, 0)';
  expect(await count(open)).toBe(0);
  const charges = await payments.sql<{ ref: string }>('SELECT provider_ref AS ref FROM payments WHERE tenant_id = $1', [
    tenantId,
  ]);
  expect(charges.map(({ ref }) => payments.sandbox.charges.soFar(ref)?.refundedMinor)).toEqual(ids.map(() => 1_000));
}, 120_000);
