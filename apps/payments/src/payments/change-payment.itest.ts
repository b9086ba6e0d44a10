import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { paymentStates, seedState } from '../domain/payment-state.ts';
import type { PaymentAction, PaymentState } from '../domain/payment-state.ts';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  payments = await startPayments();
  api = await payments.api(tenantId);
});
afterAll(() => payments.stop());

type Shown = Record<string, unknown> & { locator: string; state: string };
interface Problem {
  code: string;
  errors?: { pointer?: string; header?: string; detail: string }[];
  allowedActions?: string[];
}

const create = async (body: object = {}) => (await api.post<Shown>('/payments', { amount: 10, ...body })).body;
const patch = <T = Shown>(locator: string, body: object) => api.send<T>('PATCH', `/payments/${locator}`, { body });
const typesOf = async (locator: string) => (await payments.eventsOf(locator)).map(({ type }) => type);

const columns: Partial<Record<PaymentState, string>> = {
  authorised: `, authorised_at = now(), provider = 'sandbox', provider_ref = 'ref ' || id`,
  posted: `, posted_at = now(), effective_on = '2026-01-14'`,
  declined: `, failure = '{"code":"no","category":"hard","retryable":false,"recommendedAction":"none"}'`,
  returned: `, posted_at = now(), effective_on = '2026-01-14', returned_at = now()`,
  reversed: `, posted_at = now(), effective_on = '2026-01-14', reversed_at = now()`,
};

/** A payment as it is in that state, without the way there: what is asked here is the way on. */
async function inState(state: PaymentState): Promise<Shown> {
  const { locator } = await create();
  await payments.sql(`UPDATE payments SET state = $2${columns[state] ?? ''} WHERE id = $1`, [locator, state]);
  return (await api.get<Shown>(`/payments/${locator}`)).body;
}

/** What is possible from each state, and what is shown then. */
const moves: Readonly<Record<PaymentState, Partial<Record<PaymentAction, string>>>> = {
  draft: { ready: 'ready', discard: 'discarded' },
  ready: { draft: 'draft', discard: 'discarded', decline: 'declined' },
  processing: {},
  requires_action: {},
  authorised: { capture: 'posted', void: 'discarded' },
  posted: { return: 'returned', reverse: 'returned' },
  declined: {},
  returned: {},
  reversed: {},
  discarded: {},
};
const patched: readonly PaymentAction[] = ['draft', 'ready', 'decline', 'return', 'discard'];
const posted: readonly PaymentAction[] = ['capture', 'void', 'reverse'];
const actions = [...patched, ...posted];
const pairs = paymentStates.flatMap((state) => actions.map((action) => [state, action] as const));
const send = (locator: string, action: PaymentAction) =>
  patched.includes(action)
    ? patch<Shown & Problem>(locator, { action })
    : api.post<Shown & Problem>(`/payments/${locator}/${action}`, undefined, { 'idempotency-key': newId() });

describe('every state and action', () => {
  // The provider has to know what is captured or given back: authorisations.itest.ts.
  const possible = pairs.filter(([state, action]) => state !== 'authorised' && moves[state][action]);
  const impossible = pairs.filter(([state, action]) => !moves[state][action]);

  it.each(possible)('%s: %s', async (state, action) => {
    const before = await inState(state);
    const { status, body } = await send(before.locator, action);
    expect([status, body.state]).toEqual([200, moves[state][action]]);
    expect((await api.get(`/payments/${before.locator}`)).body).toEqual(body);
  });

  it.each(impossible)('%s: not %s', async (state, action) => {
    const before = await inState(state);
    expect(before.state).toBe(seedState(state));
    const { status, body } = await send(before.locator, action);
    expect([status, body.code]).toEqual([409, 'invalid_transition']);
    expect([...(body.allowedActions ?? [])].sort()).toEqual(Object.keys(moves[state]).sort());
    expect((await api.get(`/payments/${before.locator}`)).body).toEqual(before);
    expect(await typesOf(before.locator)).toEqual(['payment.created']);
  });
});

describe('PATCH /payments/{locator}', () => {
  it('tells what was discarded, with what it had become', async () => {
    const { locator } = await create();
    await patch(locator, { action: 'ready', paymentUpdate: { amount: '12.5', policyLocator: 'pol-2' } });
    const { body } = await patch(locator, { action: 'discard' });
    expect(body).toMatchObject({ state: 'discarded', amount: 12.5, policyLocator: 'pol-2' });
    const events = await payments.eventsOf(locator);
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['payment.created', '0000000001'],
      ['payment.discarded', '0000000002'],
    ]);
    expect(events[1]?.data).toMatchObject({ state: 'discarded', amount: { amountMinor: 1250 } });
  });

  it('declines with a reason', async () => {
    const { locator } = await create();
    await patch(locator, { action: 'ready' });
    const failure = { code: 'declined_by_request', category: 'hard', recommendedAction: 'none' };
    expect((await patch(locator, { action: 'decline' })).body).toMatchObject({ state: 'declined', failure });
    expect((await payments.eventsOf(locator)).at(-1)).toMatchObject({ type: 'payment.declined', data: { failure } });
  });

  it('returns by hand: by the scheme of its method, not the payer at fault unless told, today', async () => {
    const { locator } = await create({ method: 'check', receivedDate: '2026-01-14' });
    const { body } = await patch(locator, { action: 'return' });
    const today = new Date().toISOString().slice(0, 10);
    expect(body).toMatchObject({
      return: { scheme: 'check', code: 'manual', pejorative: false, returnedDate: today },
      returnedTimestamp: expect.any(String) as string,
    });
    expect(body).not.toHaveProperty('reversedTimestamp');
    expect((await payments.eventsOf(locator)).at(-1)).toMatchObject({
      type: 'payment.returned',
      sequence: '0000000003',
      data: { state: 'returned', return: body['return'] },
    });
  });

  it('returns with what the bank said', async () => {
    const { locator } = await create({ method: 'check', receivedDate: '2026-01-14' });
    const said = { code: 'NSF', pejorative: true, returnedDate: '2026-01-20' };
    const { body } = await patch(locator, { action: 'return', return: said });
    expect(body['return']).toEqual({ scheme: 'check', ...said });
  });

  it('corrects every field, and takes away what is null', async () => {
    const { locator, ...made } = await create({
      ...{ amountCurrency: 'USD', policyLocator: 'p', policyholderLocator: 'h', invoiceLocator: 'i' },
      ...{ statementLocator: 's', merchantId: 'm', locationId: 'l', fieldValues: { a: ['b'] } },
    });
    const { body: kept } = await patch(locator, { paymentUpdate: { locationId: 'l2' } });
    expect(kept).toMatchObject({ ...made, locationId: 'l2', updatedTimestamp: expect.any(String) as string });
    const none = { policyLocator: null, policyholderLocator: null, invoiceLocator: null, statementLocator: null };
    const { body } = await patch(locator, {
      paymentUpdate: { amount: 500, amountCurrency: 'JPY', merchantId: null, fieldValues: null, ...none },
    });
    expect(body).toEqual({
      ...{ locator, displayId: made['displayId'], state: 'draft', amount: 500, amountCurrency: 'JPY' },
      ...{ fieldValues: {}, mediaByLocator: {}, locationId: 'l2' },
      ...{ createdTimestamp: made['createdTimestamp'], updatedTimestamp: expect.any(String) as string },
    });
    expect((await api.get(`/payments/${locator}`)).body).toEqual(body);
  });

  it('does nothing when nothing is asked for', async () => {
    const before = await create();
    expect(await patch(before.locator, {})).toMatchObject({ status: 200, body: before });
  });

  it.each([
    ['processing', 409],
    ['posted', 409],
    ['ready', 200],
  ] as const)('a %s payment is corrected: %d', async (state, status) => {
    const { locator } = await inState(state);
    const before = await api.get(`/payments/${locator}`);
    const answer = await patch(locator, { paymentUpdate: { amount: 1 } });
    expect(answer.status).toBe(status);
    expect((await api.get(`/payments/${locator}`)).body).toMatchObject({
      amount: status === 200 ? 1 : before.body['amount'],
    });
  });

  it('does neither when one of both is not possible', async () => {
    const before = await create();
    const answer = await patch<Problem>(before.locator, { action: 'decline', paymentUpdate: { amount: 99 } });
    expect(answer.status).toBe(409);
    expect((await api.get(`/payments/${before.locator}`)).body).toEqual(before);
  });

  it.each<[string, object, number, string]>([
    ['an action that is none', { action: 'capture' }, 400, '/action'],
    ['an unknown field', { actions: 'ready' }, 400, '/actions'],
    ['an unknown field of the update', { paymentUpdate: { method: 'cash' } }, 400, '/paymentUpdate/method'],
    ['no amount', { paymentUpdate: { amount: 0, amountCurrency: 'USD' } }, 400, '/paymentUpdate/amount'],
    [
      "decimals that the payment's currency does not have",
      { paymentUpdate: { amount: 1.234 } },
      400,
      '/paymentUpdate/amount',
    ],
    ['decimals that are there already', { paymentUpdate: { amountCurrency: 'JPY' } }, 400, '/paymentUpdate/amount'],
    ['an update that is no object', { paymentUpdate: 'amount' }, 400, '/paymentUpdate'],
    ['details of no return', { action: 'ready', return: { code: 'NSF' } }, 422, '/return'],
    [
      'a day that does not exist',
      { action: 'return', return: { returnedDate: '2026-02-30' } },
      400,
      '/return/returnedDate',
    ],
  ])('refuses %s', async (_name, body, status, pointer) => {
    const { locator } = await create({ amount: 10.25 });
    const answer = await patch<Problem>(locator, body);
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it("is 404 for another tenant's payment, and 403 without the scope", async () => {
    const { locator } = await create();
    const stranger = await payments.api(newId());
    expect((await stranger.send('PATCH', `/payments/${locator}`, { body: { action: 'ready' } })).status).toBe(404);
    const reader = await payments.api(tenantId, { granted: ['payments:read'] });
    expect((await reader.send('PATCH', `/payments/${locator}`, { body: { action: 'ready' } })).status).toBe(403);
  });

  it('lets one of two at once win', async () => {
    const { locator } = await inState('ready');
    const answers = await Promise.all([
      patch(locator, { action: 'discard' }),
      patch(locator, { action: 'decline' }),
      patch(locator, { action: 'discard' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await typesOf(locator)).toHaveLength(2);
  });
});
