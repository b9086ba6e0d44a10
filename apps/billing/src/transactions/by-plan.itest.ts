// Transactions of policies that are paid by a plan of their tenant's own.
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { issue, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
let tenantId: string;

beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
beforeEach(async () => {
  tenantId = newId();
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const fee = [{ currency: 'USD', amount: '3.00' }];
const premium = (amount: string) => [{ category: 'premium', amount }];
const terms = {
  ...{ effectiveDate: '2025-01-01', expirationDate: '2026-01-01', timeZone: 'America/New_York', collection: 'invoice' },
  ...{ plan: 'own', charges: premium('1200.00') },
};

async function makePlan(said: Record<string, unknown> = {}): Promise<void> {
  const body = { name: 'own', label: 'Own', cadence: { type: 'monthly' }, ...said };
  expect((await api.post('/plans', body)).status).toBe(201);
}

/** A policy of a year by the plan, in a tenant that lives on a date. */
async function issuedOn(date: string, said: Record<string, unknown> = {}) {
  await billing.sql('INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, $2, 0)', [tenantId, date]);
  const { policy } = await issue(api, { ...terms, ...said });
  return policy;
}

const transact = (locator: string, body: Record<string, unknown>) =>
  api.post<{ scheduleId: string; code?: string; errors?: { pointer: string }[] }>(
    `/policies/${locator}/transactions`,
    body,
  );
const changePlan = (locator: string, plan: string) =>
  api.send<{ code?: string; errors?: unknown }>('PUT', `/policies/${locator}/plan`, {
    body: { plan, scope: 'planned' },
  });
const amounts = async (scheduleId: string) =>
  (await scheduleOf(api, scheduleId)).instalments.map(({ amount }) => Number(amount));
const times = (count: number, amount: number): number[] => Array.from({ length: count }, () => amount);

describe('an endorsement', () => {
  const more = { type: 'endorsement', effectiveDate: '2025-07-10', charges: premium('151.23') };

  it('goes where the plan sends it, and what is laid anew is billed as early as before', async () => {
    await makePlan({ endorsementPolicy: 'next', generateLeadDays: 20, autopayLeadDays: 2 });
    const { locator, scheduleId } = await issuedOn('2025-07-10');
    expect((await transact(locator, more)).status).toBe(201);
    expect((await amounts(scheduleId)).slice(6)).toEqual([100, 251.23, 100, 100, 100, 100]);
    expect((await scheduleOf(api, scheduleId)).instalments[7]).toMatchObject({
      ...{ dueOn: '2025-08-01', generateOn: '2025-07-12', autopayOn: '2025-07-30' },
    });
  });

  it('that costs less is taken off as the plan says', async () => {
    await makePlan({ returnPolicy: 'reduce_last_first' });
    const { locator, scheduleId } = await issuedOn('2025-09-15');
    const less = { type: 'endorsement', effectiveDate: '2025-09-15', charges: premium('-90.00') };
    expect((await transact(locator, less)).status).toBe(201);
    expect((await amounts(scheduleId)).slice(9)).toEqual([100, 100, 10]);
  });

  it('goes by the version that the schedule was made by', async () => {
    await makePlan({ endorsementPolicy: 'next' });
    const { locator, scheduleId } = await issuedOn('2025-07-10');
    await makePlan({ endorsementPolicy: 'spread' });
    await transact(locator, more);
    expect((await amounts(scheduleId))[7]).toBe(251.23);
  });
});

describe('an override', () => {
  const dates = async (scheduleId: string) =>
    (await scheduleOf(api, scheduleId)).instalments.map(({ dueOn, generateOn }) => `${dueOn} ${generateOn}`);

  it('of an endorsement is of what it bills apart, and of nothing else', async () => {
    await makePlan({
      ...{ endorsementPolicy: 'bill_separately', generateLeadDays: 20 },
      overrides: { endorsement: { generateLeadDays: 5 } },
    });
    const { locator, scheduleId } = await issuedOn('2025-07-10');
    const more = { type: 'endorsement', effectiveDate: '2025-09-10', charges: premium('50.00') };
    expect((await transact(locator, more)).status).toBe(201);
    const found = (await dates(scheduleId)).slice(8, 11);
    expect(found).toEqual(['2025-09-01 2025-08-12', '2025-09-10 2025-09-05', '2025-10-01 2025-09-11']);
  });

  it('of a reinstatement is of what it bills again', async () => {
    await makePlan({ generateLeadDays: 20, overrides: { reinstatement: { generateLeadDays: 3 } } });
    const { locator, scheduleId } = await issuedOn('2025-04-11');
    const end = { effectiveDate: '2025-04-11', reason: 'non_payment', method: 'pro_rata' };
    expect((await transact(locator, { type: 'cancellation', ...end })).status).toBe(201);
    const again = { type: 'reinstatement', effectiveDate: '2025-04-11', lapse: false };
    expect((await transact(locator, again)).status).toBe(201);
    const found = (await dates(scheduleId)).slice(-2);
    expect(found).toEqual(['2025-11-01 2025-10-29', '2025-12-01 2025-11-28']);
  });

  it('of a renewal holds when that term is cut anew, and when its plan changes', async () => {
    await makePlan({ overrides: { renewal: { generateLeadDays: 10, instalmentFee: fee } } });
    await makePlan({ name: 'other', cadence: { type: 'quarterly' }, overrides: { renewal: { generateLeadDays: 7 } } });
    const { locator } = await issuedOn('2025-12-20');
    const { scheduleId } = (
      await transact(locator, {
        ...{ type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2027-01-01', charges: premium('1200.00') },
      })
    ).body;
    const more = { type: 'endorsement', effectiveDate: '2026-07-01', charges: premium('60.00') };
    expect((await transact(locator, more)).status).toBe(201);
    expect((await dates(scheduleId)).at(-1)).toBe('2026-12-01 2026-11-21');
    await billing.sql(`UPDATE test_clocks SET business_date = '2026-01-10' WHERE tenant_id = $1`, [tenantId]);
    expect((await changePlan(locator, 'other')).status).toBe(200);
    expect((await dates(scheduleId)).at(-1)).toMatch(/^2026-1[01]-01 2026-(09-24|10-25)$/);
  });
});

describe('a renewal', () => {
  const renewal = {
    ...{ type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2027-01-01', charges: premium('1200.00') },
  };
  const downPayment = { type: 'percent', percent: 25 };

  it('has the settings that the plan has for renewals, and may be due before its term', async () => {
    await makePlan({ downPayment, overrides: { renewal: { downPayment: null, dueLeadDays: 10, instalmentFee: fee } } });
    const { locator, scheduleId } = await issuedOn('2025-12-01');
    expect((await amounts(scheduleId))[0]).toBe(300);
    const { body } = await transact(locator, renewal);
    const renewed = await scheduleOf(api, body.scheduleId);
    expect(renewed.instalments.map(({ amount }) => Number(amount))).toEqual([100, ...times(11, 103)]);
    expect(renewed.instalments[0]).toMatchObject({ dueOn: '2025-12-22', periodEnd: '2026-02-01' });
  });

  it('is by the newest version of the plan, on the day that was chosen', async () => {
    await makePlan({ anchor: { mode: 'due_day_choice' } });
    const { locator, scheduleId } = await issuedOn('2025-12-01', { dueDay: 15 });
    await makePlan({ anchor: { mode: 'due_day_choice' }, count: 10 });
    const { body } = await transact(locator, renewal);
    const renewed = await scheduleOf(api, body.scheduleId);
    expect(renewed).toMatchObject({ planVersion: 2, instalments: { length: 10, 0: { dueOn: '2026-01-15' } } });
    expect(await scheduleOf(api, scheduleId)).toMatchObject({ planVersion: 1, instalments: { length: 12 } });
    const [term] = await billing.sql<{ version: number }>(
      'SELECT plan_version AS version FROM policy_terms WHERE tenant_id = $1 AND number = 2',
      [tenantId],
    );
    expect(term?.version).toBe(2);
  });

  it('by a plan without a choice of days is on the day that it has', async () => {
    await makePlan({ anchor: { mode: 'due_day_choice' } });
    const { locator } = await issuedOn('2025-12-01', { dueDay: 15 });
    const { body } = await transact(locator, { ...renewal, plan: '1year-quarterly' });
    expect((await scheduleOf(api, body.scheduleId)).instalments[0]?.dueOn).toBe('2026-01-01');
  });

  it('by a plan that is not known is refused with the pointer', async () => {
    await makePlan();
    const { locator } = await issuedOn('2025-12-01');
    const { status, body } = await transact(locator, { ...renewal, plan: 'never-made' });
    expect([status, body.code, body.errors?.map(({ pointer }) => pointer)]).toEqual([400, 'invalid_policy', ['/plan']]);
  });
});

describe('a change of plan', () => {
  it('asks the fee of the new plan for each instalment but its first, and none of the old one', async () => {
    await makePlan({ instalmentFee: fee });
    await makePlan({
      name: 'other',
      cadence: { type: 'quarterly' },
      instalmentFee: [{ currency: 'USD', amount: '5.00' }],
    });
    const { locator, scheduleId } = await issuedOn('2025-04-20');
    expect(await amounts(scheduleId)).toEqual([100, ...times(11, 103)]);
    expect((await changePlan(locator, 'other')).status).toBe(200);
    expect(await amounts(scheduleId)).toEqual([100, ...times(3, 103), 266.67, 271.67, 271.66]);
    expect(await scheduleOf(api, scheduleId)).toMatchObject({ total: '1219.00', plan: 'other', planVersion: 1 });
  });

  it('to one that bills earlier bills what is due on the same date earlier', async () => {
    await makePlan();
    await makePlan({ name: 'other', generateLeadDays: 10, autopayLeadDays: 4 });
    const { locator, scheduleId } = await issuedOn('2025-04-20');
    expect((await changePlan(locator, 'other')).status).toBe(200);
    expect((await scheduleOf(api, scheduleId)).instalments.at(-1)).toMatchObject({
      ...{ dueOn: '2025-12-01', generateOn: '2025-11-21', autopayOn: '2025-11-27' },
    });
  });

  it('is refused where the plan is not for that place, or not known', async () => {
    await makePlan();
    await makePlan({ name: 'other', jurisdictions: ['US-NY'] });
    const { locator } = await issuedOn('2025-04-20');
    expect(await changePlan(locator, 'other')).toMatchObject({ status: 422, body: { code: 'plan_not_eligible' } });
    expect(await changePlan(locator, 'never-made')).toMatchObject({
      status: 400,
      body: { code: 'invalid_policy', errors: [{ pointer: '/plan' }] },
    });
  });
});

describe('a cancellation', () => {
  it('S-43 with S-15: bills no fee for instalments that will not be, and keeps those that were billed', async () => {
    await makePlan({ instalmentFee: fee });
    const { locator, scheduleId } = await issuedOn('2025-04-11');
    expect(await amounts(scheduleId)).toEqual([100, ...times(11, 103)]);
    const cancelled = await transact(locator, {
      ...{ type: 'cancellation', effectiveDate: '2025-04-11', reason: 'insured_request', method: 'pro_rata' },
    });
    expect(cancelled.status).toBe(201);
    const { body } = await api.get<{ invoices: { state: string; balance: string }[] }>(
      `/invoices?policyLocator=${locator}`,
    );
    const owed = body.invoices.filter(({ state }) => state === 'open' || state === 'partially_paid');
    // 328.77 is earned, and three fees of 3.00 were billed.
    expect(owed.reduce((sum, { balance }) => sum + Math.round(Number(balance) * 100), 0)).toBe(33_777);
    const [charge] = await billing.sql<{ amount: string; voided: string }>(
      `SELECT amount_minor AS amount, voided_minor AS voided FROM charges
        WHERE tenant_id = $1 AND code = 'instalment_fee'`,
      [tenantId],
    );
    expect(charge).toEqual({ amount: '3300', voided: '2400' });
    const said = await billing.eventsOf(tenantId);
    expect(said.find(({ type }) => type === 'return_premium.calculated')?.data).toMatchObject({
      returned: { amount: '871.23' },
    });
  });
});
