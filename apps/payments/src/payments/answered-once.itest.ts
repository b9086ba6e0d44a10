import { Idempotency } from '@quittance/service-kit/database/idempotency';
import type { ForeignCall } from '@quittance/service-kit/database/idempotency';
import { fingerprintOf } from '@quittance/service-kit/http/once';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import type { Attempt } from '../domain/attempt.ts';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { requestOf } from './create-payment.dto.ts';
import { ImmediateCharges } from './immediate-charges.ts';
import type { AttemptCall } from './immediate-charges.ts';
import type { ChargeNow } from './payment-request.ts';

let payments: Payments;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  // The resolver waits long enough for a request to be the first to take up what another left behind.
  payments = await startPayments({ UNKNOWN_RESOLVE_AFTER_MS: '400', ATTEMPT_LEASE_MS: '600' });
  api = await payments.api(tenantId);
});
afterAll(() => payments.stop());

interface Shown {
  locator: string;
  state: string;
  code?: string;
}

const charge = (token: string) => ({ amount: 25.67, token, capture: true, policyLocator: `once-${newId()}` });
const post = (body: object, key: string) => api.post<Shown>('/payments', body, { 'idempotency-key': key });
const madeFor = async ({ policyLocator }: { policyLocator: string }) => {
  const { body } = await api.get<{ payments: Shown[] }>(`/payments?policyLocator=${policyLocator}`);
  return body.payments;
};

/** A request under this key whose process died while the provider was asked, before or after it had charged. */
async function died(body: ReturnType<typeof charge>, key: string, when: 'before' | 'after'): Promise<void> {
  const { app } = payments.service;
  const charges = app.get(ImmediateCharges, { strict: false });
  const request = requestOf(body, 'USD') as ChargeNow;
  const headers = { 'content-type': 'application/json' };
  const fingerprint = fingerprintOf({ method: 'POST', url: '/payments', headers, body });
  const guarded = { caller: { tenantId, clientId: 'client' }, key, fingerprint, status: 201 };
  const dying = (call: AttemptCall<unknown>): ForeignCall<Attempt, never, unknown> => ({
    ...call,
    async call(attempt) {
      if (when === 'after') await call.call(attempt);
      throw new Error('kill -9');
    },
  });
  const walk = app
    .get(Idempotency, { strict: false })
    .across(guarded, async () => dying(await charges.charge(tenantId, request)));
  await expect(walk).rejects.toThrow('kill -9');
}

const answered = (body: object, key: string) =>
  eventually(async () => {
    const answer = await post(body, key);
    return answer.status === 409 ? null : answer;
  });

describe('a request whose process died', () => {
  it.each(['before', 'after'] as const)('%s the provider charged is resumed by its repetition', async (when) => {
    const [body, key] = [charge('tok_visa'), newId()];
    await died(body, key, when);
    const early = await post(body, key);
    expect([early.status, early.body.code, early.headers.get('retry-after')]).toEqual([
      409,
      'request_in_progress',
      '1',
    ]);
    const { status, body: shown } = await answered(body, key);
    expect([status, shown.state]).toEqual([201, 'posted']);
    expect(await madeFor(body)).toMatchObject([{ locator: shown.locator, state: 'posted' }]);
    expect(payments.sandbox.charges.ofSubject(shown.locator)).toHaveLength(1);
  });

  it('is finished by the resolver, when nobody asks again; who asks later is told what it found', async () => {
    const [body, key] = [charge('tok_declined_insufficient'), newId()];
    await died(body, key, 'after');
    await eventually(async () => (await madeFor(body))[0]?.state === 'declined');
    const { status, body: shown } = await answered(body, key);
    expect([status, shown.state]).toEqual([201, 'declined']);
    expect(payments.sandbox.charges.ofSubject(shown.locator)).toHaveLength(1);
  });
});

describe('the answer of a key', () => {
  it('stays what it was when nobody knew, after the payment was posted', async () => {
    const [body, key] = [charge('tok_timeout_approved'), newId()];
    const first = await post(body, key);
    expect([first.status, first.body.state]).toEqual([201, 'ready']);
    await eventually(async () => (await madeFor(body))[0]?.state === 'posted');
    const again = await post(body, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('is a declined payment, too', async () => {
    const [body, key] = [charge('tok_declined_stolen'), newId()];
    const first = await post(body, key);
    const again = await post(body, key);
    expect([first.body.state, again.status]).toEqual(['declined', 201]);
    expect(again.body).toEqual(first.body);
    expect(await madeFor(body)).toHaveLength(1);
  });

  it('is given while the provider is down', async () => {
    const [body, key] = [charge('tok_visa'), newId()];
    const first = await post(body, key);
    await payments.sandbox.goDown();
    const again = await post(body, key);
    await payments.sandbox.comeBack();
    expect(again.body).toEqual(first.body);
  });

  it('of a capture is one, whoever sends it how often', async () => {
    const { body: held } = await api.post<Shown>('/payments', { ...charge('tok_visa'), capture: false });
    const headers = { 'idempotency-key': newId() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        eventually(async () => {
          const answer = await api.post<Shown>(`/payments/${held.locator}/capture`, undefined, headers);
          return answer.body.code === 'request_in_progress' ? null : answer;
        }),
      ),
    );
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { state: 'posted' } });
    const types = (await payments.eventsOf(held.locator)).map(({ type }) => type);
    expect(types.filter((type) => type === 'payment.posted')).toHaveLength(1);
  });
});
