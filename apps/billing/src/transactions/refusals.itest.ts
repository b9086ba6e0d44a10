// What a policy cannot have: refused with the field that says so, and nothing is stored.
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { premium, World } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const on = (date: string, terms: Record<string, unknown>, plan?: Record<string, unknown>) =>
  World.on(billing, date, terms, plan);
const renewal = { type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2027-01-01' };
const endorsement = { type: 'endorsement', effectiveDate: '2025-07-01' };
/** The most that one amount may be. */
const most = '90071992547409.91';
const pointersOf = ({ body: { errors = [] } }: { body: { errors?: { pointer: string }[] } }) =>
  errors.map(({ pointer }) => pointer);

describe('an amount', () => {
  const tooMuch: [string, Record<string, unknown>, number, string][] = [
    ['of a charge', { ...endorsement, charges: premium('90071992547409.92') }, 400, '/charges/0/amount'],
    ['of all charges', { ...endorsement, charges: [...premium(most), ...premium('0.01')] }, 400, '/charges'],
    ['with what is charged already', { ...endorsement, charges: premium(most) }, 422, '/charges'],
    ['of a year, with what is charged', { ...endorsement, annualised: [...premium(most)] }, 422, '/annualised'],
    ['given back, beyond what was charged', { ...endorsement, charges: premium('-1200.01') }, 422, '/charges'],
    ['of a renewal', { ...renewal, charges: [...premium(most), ...premium('0.01')] }, 400, '/charges'],
  ];
  it.each(tooMuch)('that is too much %s is refused, by its field', async (_of, body, status, pointer) => {
    const world = await on('2025-01-01', { ...twoYears, charges: premium('1200.00') });
    const answer = await world.ask(body.type === 'renewal' ? { ...body, ...later } : body);
    expect([answer.status, pointersOf(answer)]).toEqual([status, [pointer]]);
    expect(await world.policy()).toMatchObject({ version: 1 });
  });
  const twoYears = { expirationDate: '2027-01-01', plan: 'full-pay' };
  const later = { effectiveDate: '2027-01-01', expirationDate: '2028-01-01' };

  it('as large as that is taken where it adds up', async () => {
    const world = await on('2025-07-01', { charges: premium('1200.00') });
    const charges = premium('90071992546209.91');
    expect(await world.ask({ ...endorsement, charges })).toMatchObject({ status: 201 });
    expect(await world.schedule()).toMatchObject({ total: most });
  });

  it('of a fee of another plan is refused where the whole is too much', async () => {
    const fee = [{ currency: 'USD', amount: most }];
    const plan = { name: 'dear', label: 'Dear', cadence: { type: 'quarterly' }, instalmentFee: fee };
    const world = await on('2025-01-01', { charges: premium('1200.00') }, plan);
    const body = { plan: 'dear', scope: 'planned' };
    const answer = await world.api.send('PUT', `/policies/${world.locator}/plan`, { body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'plan_not_eligible', errors: [{ pointer: '/plan' }] } });
  });
});

it.each(['full-pay', '1year-monthly'])('a renewal by %s that costs nothing is refused', async (plan) => {
  const world = await on('2025-12-20', { charges: premium('1200.00'), plan });
  const answer = await world.ask({ ...renewal, charges: [...premium('0.00'), { category: 'tax', amount: '0' }] });
  expect([answer.status, pointersOf(answer)]).toEqual([400, ['/charges']]);
  expect((await world.policy()).terms).toHaveLength(1);
});

it('what was billed before a cancellation is not undone by a change of plan: it was credited then', async () => {
  const world = await on('2025-03-20', { charges: premium('1200.00') });
  const end = { type: 'cancellation', effectiveDate: '2025-03-20', reason: 'non_payment', method: 'pro_rata' };
  await world.transact(end);
  await world.transact({ type: 'reinstatement', effectiveDate: '2025-03-20', lapse: false });
  const change = (scope: string) =>
    world.api.send<{ errors?: { pointer: string }[] }>('PUT', `/policies/${world.locator}/plan`, {
      body: { plan: '1year-quarterly', scope },
    });
  const answer = await change('all');
  expect([answer.status, pointersOf(answer)]).toEqual([422, ['/scope']]);
  expect((await change('planned')).status).toBe(200);
});
