import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { eventually } from '@quittance/testing/eventually';
import { billingEvent, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments();
});
afterAll(() => payments.stop());

const advanced = (tenantId: string, businessDate: string, sequence: number) =>
  billingEvent({
    ...{ type: 'test_clock.advanced', tenantId, subject: tenantId, sequence },
    data: { businessDate },
  });

async function reachedDays(tenantId: string) {
  const events = await payments.eventsOf(tenantId);
  return events.map(({ sequence, data }) => [
    Number(sequence),
    (data as unknown as { businessDate: string }).businessDate,
  ]);
}

async function instalmentDue(tenantId: string, token: string, day: string) {
  const api = await payments.api(tenantId);
  const { body } = await api.post<{ id: string }>('/payment-methods', { token, policyholderLocator: 'holder' });
  const instalmentId = newId();
  const data = { instalmentId, paymentMethodId: body.id, attempt: 1, balance: usd(1000), policyLocator: instalmentId };
  return billingEvent({
    ...{ type: 'instalment.due', tenantId, subject: instalmentId },
    data: { ...data, collection: 'automatic', dueOn: day },
  });
}

describe('a test clock', () => {
  it('is answered for each day, each tenant counting for itself', async () => {
    const [one, other] = [newId(), newId()];
    await payments.publish(advanced(one, '2030-02-01', 1), advanced(other, '2030-03-01', 1));
    await payments.publish(advanced(one, '2030-02-02', 2), advanced(one, '2030-02-03', 3));
    await eventually(async () => (await reachedDays(one)).length === 3 && (await reachedDays(other)).length === 1);
    expect(await reachedDays(one)).toEqual([
      [1, '2030-02-01'],
      [2, '2030-02-02'],
      [3, '2030-02-03'],
    ]);
    expect(await reachedDays(other)).toEqual([[1, '2030-03-01']]);
  });

  it.each(['tok_visa', 'tok_timeout_approved'])(
    'does not go on before the charges of the day have their outcome: %s',
    async (token) => {
      const tenantId = newId();
      const due = await instalmentDue(tenantId, token, '2030-02-01');
      await payments.publish(due, advanced(tenantId, '2030-02-01', 1));
      await eventually(async () => (await reachedDays(tenantId)).length === 1);
      const [row] = await payments.sql<{ effective_on: string; before: boolean }>(
        `SELECT p.effective_on::text, p.posted_at <= d.reached_at AS before FROM payments p
           JOIN test_clock_days d ON d.tenant_id = p.tenant_id WHERE p.tenant_id = $1`,
        [tenantId],
      );
      expect(row).toEqual({ effective_on: '2030-02-01', before: true });
    },
  );

  it('goes on when a provider stays silent for longer than one look', async () => {
    const tenantId = newId();
    const due = await instalmentDue(tenantId, 'tok_error_before', '2030-02-01');
    await payments.publish(due, advanced(tenantId, '2030-02-01', 1));
    await eventually(async () => (await reachedDays(tenantId)).length === 1);
    const [row] = await payments.sql('SELECT state FROM payments WHERE tenant_id = $1', [tenantId]);
    expect(row).toEqual({ state: 'processing' });
  });

  it('waits for a provider that is not there to say what the day brings', async () => {
    const tenantId = newId();
    const failures = async () => {
      const text = await metrics.registry.getSingleMetricAsString('worker_errors_total');
      return Number(/worker="reach-days"} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await failures();
    await payments.sandbox.goDown();
    await payments.publish(advanced(tenantId, '2030-02-01', 1));
    await eventually(async () => (await failures()) > before);
    const day = 'SELECT asked_at, reached_at FROM test_clock_days WHERE tenant_id = $1';
    expect(await payments.sql(day, [tenantId])).toEqual([{ asked_at: null, reached_at: null }]);
    await payments.sandbox.comeBack();
    await eventually(async () => (await reachedDays(tenantId)).length === 1, { timeoutMs: 20_000 });
  });

  it('is the date of money that is charged over the API', async () => {
    const tenantId = newId();
    await payments.publish(advanced(tenantId, '2030-05-31', 1));
    await eventually(async () => (await reachedDays(tenantId)).length === 1);
    const api = await payments.api(tenantId);
    const { body } = await api.post<{ locator: string }>('/payments', { amount: 1, token: 'tok_visa', capture: true });
    const events = await payments.eventsOf(body.locator);
    expect(events.at(-1)).toMatchObject({ type: 'payment.posted', data: { effectiveDate: '2030-05-31' } });
  });
});
