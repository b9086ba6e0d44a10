import { scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing, ScheduleAnswer } from '../testing/harness.itest.ts';
import { premium, sum, World } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
  expect(await billing.deadLetters()).toEqual([]);
});
afterAll(() => billing.stop());

const on = (date: string, terms: Record<string, unknown>) => World.on(billing, date, terms);
const amounts = ({ instalments }: ScheduleAnswer) => instalments.map(({ amount }) => Number(amount));

describe('an endorsement', () => {
  it('S-30, S-31: 300.00 more a year from July are 151.23, over the five that are not billed', async () => {
    const world = await on('2025-07-01', { charges: premium('1200.00') });
    const body = { type: 'endorsement', effectiveDate: '2025-07-01', annualised: premium('300.00') };
    const { charges } = await world.transact(body);
    expect(charges.map(({ amount }) => amount)).toEqual(['151.23']);
    const schedule = await world.schedule();
    expect(schedule.total).toBe('1351.23');
    expect(amounts(schedule).slice(7)).toEqual([130.25, 130.25, 130.25, 130.24, 130.24]);
    expect(amounts(schedule).slice(0, 7)).toEqual(Array.from({ length: 7 }, () => 100));
    expect(schedule.instalments[7]?.lines).toEqual([
      { category: 'premium', amount: '100.00' },
      { category: 'premium', amount: '30.25' },
    ]);
    expect(await world.types()).toEqual(expect.arrayContaining(['policy_transaction.applied', 'schedule.recut']));
  });

  it('S-37: back-dated, what is for days gone by is billed at once', async () => {
    const world = await on('2025-07-10', { charges: premium('1200.00') });
    await world.transact({ type: 'endorsement', effectiveDate: '2025-03-01', annualised: premium('300.00') });
    const schedule = await world.schedule();
    expect(amounts(schedule).slice(7)).toEqual([107.67, 128.77, 128.77, 128.77, 128.77, 128.76]);
    expect(schedule.instalments[7]).toMatchObject({ state: 'billed', dueOn: '2025-07-10' });
    expect((await world.invoices()).at(-1)).toMatchObject({ type: 'endorsement', total: '107.67' });
  });

  it('S-33, S-34: what costs less is taken off what is not billed, and the rest is unapplied', async () => {
    const world = await on('2025-09-01', { charges: premium('1200.00') });
    await world.pay(90_000);
    const back = (amount: string) => ({ type: 'endorsement', effectiveDate: '2025-10-01', charges: premium(amount) });
    await world.transact(back('-90.00'));
    expect(amounts(await world.schedule()).slice(9)).toEqual([70, 70, 70]);
    await world.transact(back('-260.00'));
    expect(amounts(await world.schedule()).slice(9)).toEqual([0, 0, 0]);
    expect(await world.unapplied()).toBe(50);
    expect((await world.invoices()).at(-1)).toMatchObject({ type: 'credit_memo', state: 'paid', total: '-50.00' });
  });

  it('S-38: invalidated after its bill was paid, the money stays, unapplied', async () => {
    const world = await on('2025-07-01', { charges: premium('1200.00'), plan: 'full-pay' });
    await world.pay(120_000);
    const { id } = await world.transact({
      type: 'endorsement',
      effectiveDate: '2025-07-01',
      annualised: premium('300.00'),
    });
    const payment = await world.pay(15_123);
    expect(await world.owed()).toBe(0);
    await world.transact({ type: 'invalidation', transactionId: id });
    expect(await world.unapplied()).toBe(151.23);
    expect((await world.invoices()).at(-1)).toMatchObject({ type: 'endorsement', state: 'void' });
    expect((await world.schedule()).total).toBe('1200.00');
    const types = await world.types();
    for (const type of ['policy_transaction.invalidated', 'allocation.reversed', 'unapplied.changed']) {
      expect(types).toContain(type);
    }
    const [received] = await billing.sql<{ state: string }>('SELECT state FROM received_payments WHERE locator = $1', [
      payment,
    ]);
    expect(received?.state).toBe('posted');
  });
});

describe('a cancellation', () => {
  const end = { type: 'cancellation', effectiveDate: '2025-04-11', reason: 'insured_request', method: 'pro_rata' };

  it.each([
    [30_000, 28.77, 0],
    [32_877, 0, 0],
    [40_000, 0, 71.23],
  ])('S-43, S-44: of 1,200.00 with %i cents paid, %d is owed and %d is unapplied', async (paid, owed, unapplied) => {
    const world = await on('2025-04-11', { charges: premium('1200.00') });
    await world.pay(paid);
    const { charges } = await world.transact(end);
    expect(charges.map(({ amount }) => amount)).toEqual(['-871.23']);
    expect(await world.owed()).toBe(owed);
    expect(await world.unapplied()).toBe(unapplied);
    expect(await world.schedule()).toMatchObject({ state: 'cancelled' });
    expect(await world.types()).toEqual(expect.arrayContaining(['schedule.cancelled', 'return_premium.calculated']));
  });

  it('S-45: keeps a tenth by short rate; S-49: keeps what is earned at least', async () => {
    const short = await on('2025-04-11', { charges: premium('1200.00') });
    const { charges } = await short.transact({ ...end, method: 'short_rate_90' });
    expect(charges[0]?.amount).toBe('-784.11');
    const least = await on('2025-01-31', { charges: premium('1200.00') });
    const body = { ...end, effectiveDate: '2025-01-31', minimumEarnedRate: '0.25' };
    expect((await least.transact(body)).charges[0]?.amount).toBe('-900.00');
  });

  it('S-51: rounds each charge on its own, and keeps the fee', async () => {
    const charges = [
      ...premium('1200.00'),
      { category: 'tax', code: 'SLT', amount: '58.20' },
      { category: 'fee', amount: '25.00' },
    ];
    const world = await on('2025-04-11', { charges, plan: 'full-pay' });
    await world.pay(128_320);
    await world.transact(end);
    expect(await world.unapplied()).toBe(913.48);
  });

  it('of two changes out of sequence earns each by its own days', async () => {
    const world = await on('2025-10-01', { charges: premium('1200.00') });
    const more = (effectiveDate: string) => ({ type: 'endorsement', effectiveDate, annualised: premium('300.00') });
    // The later one is told first.
    const charged = [await world.transact(more('2025-07-01')), await world.transact(more('2025-03-01'))];
    expect(charged.flatMap(({ charges }) => charges.map(({ amount }) => amount))).toEqual(['151.23', '251.51']);
    const { charges } = await world.transact({ ...end, effectiveDate: '2025-10-01' });
    // 302.47 of the term, and 92 days each of 184 and of 306.
    expect(charges.map(({ amount }) => amount)).toEqual(['-302.47', '-75.61', '-75.62']);
  });

  it('S-52: an endorsement earns by its own days', async () => {
    const world = await on('2025-07-01', { charges: premium('1200.00') });
    await world.transact({ type: 'endorsement', effectiveDate: '2025-07-01', annualised: premium('300.00') });
    await world.turn('2025-10-01');
    const { charges } = await world.transact({ ...end, effectiveDate: '2025-10-01' });
    expect(-sum(charges.map(({ amount }) => amount))).toBe(378.08);
  });

  it('S-50: flat, gives everything back', async () => {
    const world = await on('2025-01-05', { plan: 'full-pay' });
    await world.pay(30_800);
    await world.transact({ ...end, effectiveDate: '2025-01-01', reason: 'flat', method: 'flat' });
    expect(await world.unapplied()).toBe(308);
  });

  it('S-62: of a financed policy, the return goes to who financed it', async () => {
    const financed = { charges: premium('1200.00'), plan: 'full-pay', billingMethod: 'financed', financerId: 'PFC-1' };
    const world = await on('2025-04-11', financed);
    await world.pay(120_000);
    await world.transact(end);
    const { body } = await world.api.get<{ items: unknown[] }>('/disbursement-requests');
    expect(body.items).toMatchObject([{ payeeType: 'financer', payeeLocator: 'PFC-1', amount: '871.23' }]);
    expect(await world.unapplied()).toBe(0);
  });

  it('refuses charges that are not what the method gives back, and takes those that are a cent off', async () => {
    const world = await on('2025-04-11', { charges: premium('1200.00') });
    const sent = (amount: string) =>
      world.api.post(`/policies/${world.locator}/transactions`, { ...end, charges: premium(amount) });
    expect(await sent('-871.20')).toMatchObject({ status: 422, body: { code: 'return_premium_mismatch' } });
    expect(await sent('-871.24')).toMatchObject({ status: 201 });
  });

  it('S-64: rescinded before its date, leaves the schedule as it was', async () => {
    const world = await on('2025-03-20', { charges: premium('1200.00') });
    await world.pay(30_000);
    const plain = ({ instalments, state, total, paidThrough }: ScheduleAnswer) =>
      JSON.stringify([state, total, paidThrough, instalments.map(({ id: _id, ...rest }) => rest)]);
    const before = plain(await world.schedule());
    const { id } = await world.transact({ ...end, effectiveDate: '2025-04-11' });
    expect(plain(await world.schedule())).not.toBe(before);
    await world.transact({ type: 'invalidation', transactionId: id });
    expect(plain(await world.schedule())).toBe(before);
    expect(await world.unapplied()).toBe(0);
  });

  it('S-64: rescinded where its credit had paid what was billed, that is owed again', async () => {
    const world = await on('2025-04-11', { charges: premium('1200.00') });
    await world.pay(30_000);
    const { id } = await world.transact(end);
    expect(await world.owed()).toBe(28.77);
    await world.transact({ type: 'invalidation', transactionId: id });
    expect(await world.owed()).toBe(100);
    expect((await world.schedule()).total).toBe('1200.00');
    expect((await world.invoices()).find(({ type }) => type === 'credit_memo')?.state).toBe('void');
  });
});

describe('premium that was paid', () => {
  interface Equity {
    paidPremium: string;
    earnedPremium: string;
    equityDate: string;
  }
  const equity = async ({ api, locator }: World) => (await api.get<Equity>(`/policies/${locator}/equity`)).body;

  it('S-57: of 1,200.00 with 300.00 paid carries cover to 2 April', async () => {
    const world = await on('2025-04-02', { charges: premium('1200.00') });
    await world.pay(30_000);
    const carried = { paidPremium: '300.00', earnedPremium: '299.18', equityDate: '2025-04-02' };
    expect(await equity(world)).toMatchObject(carried);
    await world.turn('2025-04-03');
    expect(await equity(world)).toMatchObject({ ...carried, earnedPremium: '302.47' });
  });

  it('S-59: cancelled on 10 April all the same, 325.48 are earned and 25.48 are billed', async () => {
    const world = await on('2025-04-10', { charges: premium('1200.00') });
    await world.pay(30_000);
    const end = { effectiveDate: '2025-04-10', reason: 'non_payment', method: 'pro_rata' };
    expect((await world.transact({ type: 'cancellation', ...end })).charges).toMatchObject([{ amount: '-874.52' }]);
    expect(await world.owed()).toBe(25.48);
  });
});

describe('a reinstatement', () => {
  it.each([
    [true, 838.35],
    [false, 871.23],
  ])('S-60: ten days after the end, with a lapse %s, charges %d', async (lapse, net) => {
    const world = await on('2025-04-11', { charges: premium('1200.00') });
    await world.pay(40_000);
    await world.transact({
      ...{ type: 'cancellation', effectiveDate: '2025-04-11', reason: 'non_payment', method: 'pro_rata' },
    });
    await world.turn('2025-04-21');
    const { charges } = await world.transact({ type: 'reinstatement', effectiveDate: '2025-04-21', lapse });
    expect(sum(charges.map(({ amount }) => amount))).toBe(net);
    const schedule = await world.schedule();
    expect(schedule.state).toBe('active');
    // 400.00 were billed before, of which the cancellation credited 71.23 beside the schedule.
    expect(Number(schedule.total)).toBe(400 + net);
  });
});

describe('a change of plan', () => {
  const change = (world: World, plan: string, scope: string) =>
    world.api.send<{ id: string }>('PUT', `/policies/${world.locator}/plan`, { body: { plan, scope } });

  it('S-39, S-40: four paid of twelve, the rest by another plan', async () => {
    const world = await on('2025-04-20', { charges: premium('1200.00') });
    await world.pay(40_000);
    expect((await change(world, '1year-quarterly', 'planned')).status).toBe(200);
    const quarterly = await world.schedule();
    expect(amounts(quarterly).slice(4)).toEqual([266.67, 266.67, 266.66]);
    expect(quarterly).toMatchObject({ total: '1200.00', paidThrough: '2025-05-01' });
    expect((await change(world, 'full-pay', 'planned')).status).toBe(200);
    expect(amounts(await world.schedule()).slice(4)).toEqual([800]);
  });

  it('S-41: everything anew: what was paid is unapplied, and pays the first', async () => {
    const world = await on('2025-01-10', { charges: premium('1200.00'), plan: 'full-pay' });
    await world.pay(120_000);
    expect((await change(world, '1year-monthly', 'all')).status).toBe(200);
    expect(await world.unapplied()).toBe(1100);
    expect(await world.owed()).toBe(0);
    const changed = (await billing.eventsOf(world.tenantId)).find(({ type }) => type === 'plan.changed');
    expect(changed?.data).toMatchObject({ undistributed: { amount: '1200.00' }, movedInstalments: 1 });
  });

  it('of what is not fully paid: what was billed and is open goes with the rest', async () => {
    const world = await on('2025-04-20', { charges: premium('1200.00') });
    await world.pay(30_000);
    expect((await change(world, 'full-pay', 'not_fully_paid')).status).toBe(200);
    const { instalments, total } = await world.schedule();
    const live = instalments.filter(({ state }) => state !== 'cancelled');
    expect([live.map(({ amount }) => Number(amount)), total]).toEqual([[100, 100, 100, 900], '1200.00']);
  });

  it('S-42: never under a payment that is being collected', async () => {
    const world = await on('2025-01-10', { charges: premium('1200.00'), collection: 'automatic' });
    const answer = await change(world, 'full-pay', 'all');
    expect(answer).toMatchObject({ status: 409, body: { code: 'payment_in_progress' } });
  });
});

describe('a renewal', () => {
  const renewal = {
    ...{ type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2027-01-01', charges: premium('600.00') },
  };

  it('is a term with a schedule of its own, which what is unapplied pays', async () => {
    const world = await on('2025-12-20', { charges: premium('1200.00') });
    await world.pay(123_000);
    expect(await world.unapplied()).toBe(30);
    const { scheduleId } = await world.transact(renewal);
    expect(scheduleId).not.toBe(world.scheduleId);
    expect(amounts(await scheduleOf(world.api, scheduleId))).toEqual(Array.from({ length: 12 }, () => 50));
    expect(await world.schedule()).toMatchObject({ state: 'completed', total: '1200.00' });
    expect(await world.unapplied()).toBe(30);
  });

  it('pays out what is not carried forward', async () => {
    const world = await on('2025-12-20', { charges: premium('1200.00') });
    await world.pay(123_000);
    await world.transact({ ...renewal, carryForward: false });
    const { body } = await world.api.get<{ items: unknown[] }>('/disbursement-requests');
    expect(body.items).toMatchObject([{ payeeType: 'insured', amount: '30.00' }]);
  });
});
