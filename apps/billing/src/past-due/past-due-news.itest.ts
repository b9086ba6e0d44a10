import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { DelinquencyWorld } from '../delinquency/world.itest.ts';
import { SweepService, sweepPasses } from '../sweep/sweep.service.ts';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  // The service's own worker is as good as off: the sweeps of these tests are the only ones.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const typesAbout = async (subject: string) => (await billing.eventsAbout(subject)).map(({ type }) => type);
const news = async (tenantId: string) =>
  (await billing.eventsOf(tenantId)).filter(({ type }) => type.endsWith('.past_due'));

/** Until there is nothing left to do. */
async function sweepAll(now: Date): Promise<void> {
  const [service, db] = [billing.service.app.get(SweepService), billing.service.app.get(Database)];
  for (let done = 1; done > 0;) {
    done = 0;
    for (const pass of sweepPasses) done += await db.tx((tx) => service.run(tx, pass, { now, tenantId: null }));
  }
}

/** 100.00 a month, the first one of 2025-02-01 paid; the second is due on 03-01. */
async function second(plan: object = {}) {
  const world = await (await DelinquencyWorld.begin(billing, plan)).paidFirst();
  await world.on('2025-03-01');
  const invoice = (await world.invoices()).find(({ dueOn }) => dueOn === '2025-03-01')!;
  return { world, invoice, instalment: invoice.instalmentId! };
}

describe('an invoice and its instalment', () => {
  it('are past due on the day after the due date, once', async () => {
    const { world, invoice, instalment } = await second();
    expect(await typesAbout(invoice.locator)).toEqual(['invoice.issued']);
    await (await world.on('2025-03-02')).on('2025-03-03');
    expect(await typesAbout(invoice.locator)).toEqual(['invoice.issued', 'invoice.past_due']);
    expect(await typesAbout(instalment)).toEqual(['instalment.billed', 'instalment.due', 'instalment.past_due']);
    expect((await billing.said('invoice.past_due', invoice.locator)).data).toMatchObject({
      ...{ state: 'open', dueOn: '2025-03-01', balance: { amount: '100.00' }, policyLocator: world.policy },
    });
    expect((await billing.said('instalment.past_due', instalment)).data).toMatchObject({
      ...{ number: 2, state: 'billed', dueOn: '2025-03-01', balance: { amount: '100.00' }, paidThrough: '2025-03-01' },
    });
  });

  it('S-72: are not where no more is owed than the plan for the past due leaves alone', async () => {
    const { world, invoice } = await second({ tolerance: '1.00' });
    await world.pay(9_900);
    await world.on('2025-03-05');
    expect(await typesAbout(invoice.locator)).toEqual(['invoice.issued', 'invoice.partially_paid']);
  });

  it('S-87: are again when a payment came back, after the due date that it got', async () => {
    const { world, invoice, instalment } = await second();
    await world.on('2025-03-02');
    const payment = await world.pay(10_000);
    await world.on('2025-03-05');
    await world.returned(payment, 'R01', false);
    await billing.said('invoice.reopened', invoice.locator);
    await world.on('2025-03-05');
    expect((await typesAbout(invoice.locator)).at(-1)).toBe('invoice.reopened');
    await world.on('2025-03-06');
    const again = await billing.said('instalment.past_due', instalment, 2);
    expect(again.data).toMatchObject({ dueOn: '2025-03-05', originalDueOn: '2025-03-01' });
    expect(await typesAbout(invoice.locator)).toEqual([
      ...['invoice.issued', 'invoice.past_due', 'invoice.paid', 'invoice.reopened', 'invoice.past_due'],
    ]);
  });
});

it('is told once, however many sweep at once', async () => {
  const tenantId = newId();
  const api = await billing.api(tenantId);
  await Promise.all(Array.from({ length: 9 }, () => issue(api, { collection: 'invoice' })));
  const now = new Date(Date.now() + 400 * 86_400_000);
  await Promise.all(Array.from({ length: 4 }, () => sweepAll(now)));
  const told = await news(tenantId);
  expect(told).toHaveLength(9 * 12 * 2);
  expect(new Set(told.map(({ type, subject }) => `${type} ${subject}`)).size).toBe(9 * 12 * 2);
});

it('S-65: begins with the first instant of the next date in the policy’s zone', async () => {
  const tenantId = newId();
  const api = await billing.api(tenantId);
  const effectiveDate = new Date().toISOString().slice(0, 10);
  const { schedule } = await issue(api, { timeZone: 'America/New_York', effectiveDate, collection: 'invoice' });
  const [first] = schedule.instalments;
  const midnight = Date.parse(`${first!.dueOn}T00:00:00Z`) + 86_400_000;
  // Midnight of New York is 04:00 or 05:00 of UTC.
  await sweepAll(new Date(midnight + 3.99 * 3_600_000));
  expect(await news(tenantId)).toEqual([]);
  await sweepAll(new Date(midnight + 5 * 3_600_000));
  await eventually(async () => (await news(tenantId)).length === 2);
  expect((await news(tenantId)).map(({ type }) => type)).toEqual(['invoice.past_due', 'instalment.past_due']);
});
