// What the dated rows of a tenant say of premium that is given back.
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { premium, sum, World } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const dated = { effectiveFrom: '2020-01-01', citation: 'the statute', reviewedBy: 'Counsel' };
const coolingOff = {
  ...{ ...dated, jurisdiction: 'GB', reason: 'insured_request', tenureToDays: 14, methods: ['pro_rata', 'flat'] },
  ...{ dueDays: 30, countFrom: 'request', returnedAtLeast: '1' },
};
const florida = { ...dated, jurisdiction: 'US-FL', line: 'motor', latePart: '0.08' };
const byInsured = {
  ...{ ...florida, reason: 'insured_request', methods: ['pro_rata', 'short_rate_90'], returnedAtLeast: '0.9' },
  ...{ dueDays: 30, countFrom: 'later_of_both' },
};
const byInsurer = { ...florida, reason: 'underwriting', returnedAtLeast: '1', dueDays: 15, countFrom: 'effective' };

const end = (effectiveDate: string, said: Record<string, unknown> = {}) => ({
  ...{ type: 'cancellation', effectiveDate, reason: 'insured_request', method: 'pro_rata', ...said },
});

async function on(date: string, terms: Record<string, unknown>, ...rules: Record<string, unknown>[]): Promise<World> {
  const world = await World.on(billing, date, terms);
  for (const rule of rules) expect(await world.api.post('/return-rules', rule)).toMatchObject({ status: 201 });
  return world;
}

const calculated = async ({ tenantId }: World) =>
  (await billing.eventsOf(tenantId)).find(({ type }) => type === 'return_premium.calculated')?.data;
const given = ({ charges }: { charges: { amount: string }[] }) => -sum(charges.map(({ amount }) => amount));

describe('S-55: a cooling-off in the UK', () => {
  const terms = { charges: premium('308.00'), jurisdiction: 'GB' };

  it.each([
    ['full-pay', 30_800, 299.56],
    ['1year-monthly', 2_567, 17.23],
  ])('of a policy by %s costs the days of cover, within 30 days', async (plan, paid, refund) => {
    const world = await on('2025-01-11', { ...terms, plan }, coolingOff);
    await world.pay(paid);
    await world.transact(end('2025-01-11'));
    expect(await world.unapplied()).toBe(refund);
    expect(await calculated(world)).toMatchObject({ earned: { amount: '8.44' }, refundDueBy: '2025-02-10' });
  });

  it('has no short rate, and is over after fourteen days', async () => {
    const world = await on('2025-01-11', terms, coolingOff);
    const short = { method: 'short_rate_90' };
    expect(await world.ask(end('2025-01-11', short))).toMatchObject({
      ...{ status: 422, body: { code: 'invalid_transaction', errors: [{ pointer: '/method' }] } },
    });
    expect(await world.ask(end('2025-01-11', { minimumEarnedRate: '0.5' }))).toMatchObject({
      ...{ status: 422, body: { errors: [{ pointer: '/minimumEarnedRate' }] } },
    });
    await world.turn('2025-01-16');
    await world.transact(end('2025-01-16', short));
    expect(await calculated(world)).not.toHaveProperty('refundDueBy');
  });
});

it.each([
  ['insured_request', 'short_rate_90', 784.11, '2025-05-11'],
  ['underwriting', 'pro_rata', 871.23, '2025-04-26'],
])('S-56: motor in Florida, by %s: %s gives back %d by %s', async (reason, method, returned, refundDueBy) => {
  const terms = { charges: premium('1200.00'), jurisdiction: 'US-FL', line: 'motor' };
  const world = await on('2025-04-01', terms, byInsured, byInsurer);
  expect(given(await world.transact(end('2025-04-11', { reason, method })))).toBe(returned);
  const late = { amount: '69.70', amountMinor: 6970, currency: 'USD' };
  expect(await calculated(world)).toMatchObject({ refundDueBy, lateAddition: late });
});

describe('S-47: by the table', () => {
  const terms = { charges: premium('1500.00') };
  const byTable = end('2025-08-08', { method: 'short_rate_table' });

  it('that is shipped as an example, where there is no other, 69 % is kept after 219 days', async () => {
    const world = await on('2025-08-08', terms);
    expect(given(await world.transact(byTable))).toBe(465);
  });

  it('of the tenant’s own, what that says', async () => {
    const rows = [1, 219, 300].map((fromDay, index) => ({ fromDay, percentKept: [30, 60, 100][index] }));
    const shortRateTable = { source: 'as filed', termDays: 365, rows };
    const world = await on('2025-08-08', terms, { ...dated, dueDays: 30, countFrom: 'request', shortRateTable });
    expect(given(await world.transact(byTable))).toBe(600);
  });
});

it.each([
  [true, 323],
  [false, 308],
])('S-50: a flat cancellation gives fees back as the rule says: %s', async (returnsFeesOnFlat, returned) => {
  const charges = [...premium('308.00'), { category: 'fee', amount: '15.00' }];
  const rule = { ...dated, dueDays: 30, countFrom: 'request', returnsFeesOnFlat };
  const world = await on('2025-01-01', { charges }, rule);
  expect(given(await world.transact(end('2025-01-01', { reason: 'flat', method: 'flat' })))).toBe(returned);
});

it('a rule is kept as it was said, and one that contradicts itself is refused by its fields', async () => {
  const world = await on('2025-01-01', {}, coolingOff);
  const { body } = await world.api.get<{ items: unknown[] }>('/return-rules');
  expect(body.items).toEqual([
    { ...coolingOff, id: expect.any(String) as string, tenureFromDays: 0, returnsFeesOnFlat: true },
  ]);
  const rows = [2, 2].map((fromDay) => ({ fromDay, percentKept: 1 }));
  const wrong = { tenureFromDays: 20, shortRateTable: { source: 's', termDays: 365, rows } };
  const answer = await world.api.post<{ errors: { pointer: string }[] }>('/return-rules', { ...coolingOff, ...wrong });
  const pointers = answer.body.errors.map(({ pointer }) => pointer);
  expect([answer.status, pointers]).toEqual([400, ['/shortRateTable/rows/1/fromDay', '/tenureToDays']]);
});
