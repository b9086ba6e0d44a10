import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { addDays, addMonths, daysBetween } from '../domain/calendar.ts';
import { answerTestClocks, eventOf, issue, paymentData, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

const today = () => new Date().toISOString().slice(0, 10);

let billing: Billing;
beforeAll(async () => {
  // Real time sweeps rarely: what happens here happens by the test clock.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '60000', TEST_CLOCK_DAY_TIMEOUT_MS: '1500' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface Answer {
  businessDate: string;
  code: string;
  errors: { pointer: string }[];
}
const advance = (api: Api, body: object) => api.post<Answer>('/test-clocks/advance', body);
const clockOf = async (tenantId: string) => {
  const rows = await billing.sql<Record<string, string | null>>(
    `SELECT business_date::text, advanced_on::text, reached_on::text, reconciled_on::text, running_by, version::text
       FROM test_clocks WHERE tenant_id = $1`,
    [tenantId],
  );
  return rows[0];
};

describe('POST /test-clocks/advance', () => {
  it('walks one date at a time and waits for payments and reconciliation on each', async () => {
    const tenantId = newId();
    const stub = answerTestClocks(billing, tenantId);
    const api = await billing.api(tenantId);
    expect((await api.get('/test-clocks')).body).toEqual({ businessDate: today(), running: false });
    const { status, body } = await advance(api, { days: 3 });
    await stub.stop();
    expect({ status, body }).toEqual({ status: 200, body: { businessDate: addDays(today(), 3) } });
    const dates = [0, 1, 2, 3].map((days) => addDays(today(), days));
    const said = (await billing.eventsOf(tenantId)).filter(({ type }) => type === 'test_clock.advanced');
    expect(said.map(({ data, sequence, subject }) => [data, Number(sequence), subject])).toEqual(
      dates.map((businessDate, index) => [{ businessDate }, index + 1, tenantId]),
    );
    expect(await clockOf(tenantId)).toMatchObject({
      ...{ business_date: dates[3], advanced_on: dates[3], reached_on: dates[3], reconciled_on: dates[3] },
      running_by: null,
    });
    expect((await api.get('/test-clocks')).body).toEqual({ businessDate: dates[3], running: false });
  });

  it('releases what each date makes due, once, at noon UTC of that date', async () => {
    const tenantId = newId();
    const stub = answerTestClocks(billing, tenantId);
    const api = await billing.api(tenantId);
    const { policy, schedule } = await issue(api, { collection: 'invoice' });
    const second = schedule.instalments[1]!;
    await advance(api, { to: addDays(second.dueOn, -1) });
    expect((await scheduleOf(api, policy.scheduleId)).instalments[1]).toMatchObject({ state: 'scheduled' });
    await advance(api, { to: second.dueOn });
    await advance(api, { days: 1 });
    await stub.stop();
    const { instalments } = await scheduleOf(api, policy.scheduleId);
    expect(instalments.map(({ state, pastDue }) => `${state} ${pastDue}`).slice(0, 3)).toEqual([
      'billed true',
      'billed true',
      'scheduled false',
    ]);
    const said = await billing.eventsAbout(second.id);
    expect(said.map(({ type, time }) => [type, time])).toEqual([
      ['instalment.billed', `${second.dueOn}T12:00:00.000Z`],
      ['instalment.due', `${second.dueOn}T12:00:00.000Z`],
      ['instalment.past_due', `${addDays(second.dueOn, 1)}T12:00:00.000Z`],
    ]);
    expect(await billing.sql('SELECT 1 FROM collection_attempts WHERE tenant_id = $1', [tenantId])).toEqual([]);
  });

  it('tries a failed charge again on D+1, 3, 5 and 7, then no more', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy, schedule } = await issue(api);
    const first = schedule.instalments[0]!;
    // Payments, as it answers a charge that never succeeds.
    const stub = answerTestClocks(billing, tenantId, async () => {
      const asked = (await billing.eventsAbout(first.id)).filter(({ type }) => /due$/.test(type));
      const failures = asked.slice(stub.failed).map(({ data }) => failure(tenantId, first.id, (data as Asked).attempt));
      stub.failed += failures.length;
      await billing.publish(...failures);
    });
    await api.send('PUT', `/policies/${policy.locator}/payment-method`, { body: { paymentMethodId: 'pm-2' } });
    await advance(api, { days: 9 });
    await stub.stop();
    const asked = (await billing.eventsAbout(first.id)).filter(({ type }) => type === 'instalment.collection_due');
    expect(
      asked.map(({ data, time }) => [(data as Asked).attempt, daysBetween(first.dueOn, time.slice(0, 10))]),
    ).toEqual([
      [2, 1],
      [3, 3],
      [4, 5],
      [5, 7],
    ]);
    expect(asked[0]?.data).toMatchObject({ paymentMethodId: 'pm-2', balance: { amountMinor: 2567 }, state: 'billed' });
    const attempts = await billing.sql('SELECT state FROM collection_attempts WHERE instalment_id = $1', [first.id]);
    expect(attempts).toEqual(Array.from({ length: 5 }, () => ({ state: 'failed' })));
  });

  it('does not try again what cannot succeed, and what was paid meanwhile', async () => {
    const tenantId = newId();
    const stub = answerTestClocks(billing, tenantId);
    const api = await billing.api(tenantId);
    const [hard, paid] = [await issue(api), await issue(api)];
    const [hardId, paidId] = [hard.schedule.instalments[0]!.id, paid.schedule.instalments[0]!.id];
    await billing.publish(failure(tenantId, hardId, 1, false), failure(tenantId, paidId, 1));
    await eventually(async () => (await attemptsOf(paidId)).length === 2);
    const data = paymentData(2567, { policyLocator: paid.policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await billing.said('instalment.paid', paidId);
    await advance(api, { days: 8 });
    await stub.stop();
    expect(await attemptsOf(hardId)).toEqual(['failed']);
    expect(await attemptsOf(paidId)).toEqual(['failed', 'cancelled']);
    const due = (await billing.eventsOf(tenantId)).filter(({ type }) => type === 'instalment.collection_due');
    expect(due).toEqual([]);
  });

  it('goes a year in one call', async () => {
    const tenantId = newId();
    const stub = answerTestClocks(billing, tenantId);
    const api = await billing.api(tenantId);
    const { policy } = await issue(api, { plan: '1year-quarterly', collection: 'partner' });
    const { status } = await advance(api, { to: addMonths(today(), 12) });
    await stub.stop();
    expect(status).toBe(200);
    const { instalments } = await scheduleOf(api, policy.scheduleId);
    expect(instalments.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'billed'));
  });

  it('keeps the dates of one tenant from every other', async () => {
    const [tenantId, other] = [newId(), newId()];
    const stub = answerTestClocks(billing, tenantId);
    const bystander = await issue(await billing.api(other));
    await advance(await billing.api(tenantId), { days: 40 });
    await stub.stop();
    const { instalments } = await scheduleOf(await billing.api(other), bystander.policy.scheduleId);
    expect(instalments.map(({ state }) => state).slice(0, 2)).toEqual(['billed', 'scheduled']);
    expect(await clockOf(other)).toBeUndefined();
  });

  it('that one service does not answer is 503, and the next one goes on where it stopped', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    expect(await advance(api, { days: 1 })).toMatchObject({ status: 503, body: { code: 'test_clock_stalled' } });
    expect(await clockOf(tenantId)).toMatchObject({ business_date: today(), advanced_on: today(), running_by: null });
    const stub = answerTestClocks(billing, tenantId);
    expect(await advance(api, { days: 1 })).toMatchObject({ status: 200, body: { businessDate: addDays(today(), 1) } });
    await stub.stop();
    const said = (await billing.eventsOf(tenantId)).filter(({ type }) => type === 'test_clock.advanced');
    expect(said.map(({ data }) => data)).toEqual([{ businessDate: today() }, { businessDate: addDays(today(), 1) }]);
  });

  it('is 409 while one runs; one that died frees the clock when its lease ends', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const [running, refused] = await Promise.all([advance(api, { days: 1 }), advanceOnce(api, tenantId)]);
    expect([running.status, refused.status, refused.body.code]).toEqual([503, 409, 'test_clock_running']);
    const dead = `UPDATE test_clocks SET running_by = $2, lease_until = now() + $3::interval WHERE tenant_id = $1`;
    await billing.sql(dead, [tenantId, newId(), '1 minute']);
    expect((await api.get('/test-clocks')).body).toMatchObject({ running: true });
    expect((await advance(api, { days: 1 })).status).toBe(409);
    await billing.sql(dead, [tenantId, newId(), '-1 second']);
    const stub = answerTestClocks(billing, tenantId);
    expect((await advance(api, { to: today() })).status).toBe(200);
    await stub.stop();
  });

  it.each<[string, object, number, string]>([
    ['backwards', { to: addDays(today(), -1) }, 422, 'test_clock_backwards'],
    ['too far', { to: addDays(today(), 367) }, 422, 'test_clock_too_far'],
    ['too many days', { days: 367 }, 400, 'invalid_request'],
    ['no days', { days: 0 }, 400, 'invalid_request'],
    ['half a day', { days: 1.5 }, 400, 'invalid_request'],
    ['nowhere', {}, 400, 'invalid_request'],
    ['both ways', { to: addDays(today(), 1), days: 1 }, 400, 'invalid_request'],
    ['no date', { to: 'tomorrow' }, 400, 'invalid_request'],
    ['an unknown field', { days: 1, until: 'noon' }, 400, 'invalid_request'],
  ])('refuses %s', async (_name, body, status, code) => {
    const tenantId = newId();
    expect(await advance(await billing.api(tenantId), body)).toMatchObject({ status, body: { code } });
    expect(await clockOf(tenantId)).toBeUndefined();
  });

  it('needs its own scope', async () => {
    const api = await billing.api(newId(), ['billing:read', 'billing:write']);
    expect([(await advance(api, { days: 1 })).status, (await api.get('/test-clocks')).status]).toEqual([403, 403]);
  });
});

interface Asked {
  attempt: number;
}

function failure(tenantId: string, instalmentId: string, attempt: number, retryable = true) {
  const data = paymentData(2567, {
    source: { type: 'instalment', id: instalmentId, attempt },
    failure: { code: 'insufficient_funds', category: 'soft', retryable, recommendedAction: 'retry_later' },
  });
  return eventOf({ type: 'payment.failed', tenantId, subject: data.locator, data });
}

async function attemptsOf(instalmentId: string): Promise<string[]> {
  const rows = await billing.sql<{ state: string }>(
    'SELECT state FROM collection_attempts WHERE instalment_id = $1 ORDER BY attempt_no',
    [instalmentId],
  );
  return rows.map(({ state }) => state);
}

/** A second advance, asked for once the first has the clock. */
async function advanceOnce(api: Api, tenantId: string) {
  await eventually(async () => (await clockOf(tenantId))?.['running_by'], { everyMs: 2 });
  return advance(api, { days: 1 });
}
