import type { EventData } from '@quittance/events/catalogue';
import { eventually } from '@quittance/testing/eventually';
import { DelinquencyWorld } from '../delinquency/world.itest.ts';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  // The service's own worker is as good as off: a date of the test's own calendar brings what is told.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

interface Answer {
  paidPremium: string;
  earnedPremium: string;
  equity: string;
  equityDate: string;
  percent: string;
}

const told = async (world: DelinquencyWorld) =>
  (await billing.eventsAbout(world.policy)).filter(({ type }) => type === 'equity.changed');

/** What the last event says is what the policy's equity is asked for. */
async function expectAsAsked(world: DelinquencyWorld) {
  const { data, sequence } = (await told(world)).at(-1)!;
  const { paidPremium, earnedPremium, equity, ...rest } = data as EventData<'equity.changed'>;
  const texts = [paidPremium, earnedPremium, equity].map(({ amount }) => amount);
  const { body } = await world.api.get<Answer>(`/policies/${world.policy}/equity`);
  expect(texts).toEqual([body.paidPremium, body.earnedPremium, body.equity]);
  expect(rest).toMatchObject({ equityDate: body.equityDate, percent: body.percent, policyLocator: world.policy });
  return { ...body, sequence: Number(sequence) };
}

it('is told after money came, went back, and after a transaction, once each time', async () => {
  const world = await DelinquencyWorld.begin(billing);
  await world.on('2025-02-01');
  const payment = await world.pay(10_000);
  await world.on('2025-02-01');
  const first = await expectAsAsked(world);
  expect(first).toMatchObject({ paidPremium: '100.00', earnedPremium: '0.00', equityDate: '2025-03-03', sequence: 1 });

  await world.on('2025-02-11');
  expect(await told(world)).toHaveLength(1);

  await world.post(`/policies/${world.policy}/transactions`, {
    ...{ type: 'endorsement', effectiveDate: '2025-02-11' },
    charges: [{ category: 'premium', amount: '354.00' }],
  });
  await world.on('2025-02-11');
  expect(await expectAsAsked(world)).toMatchObject({ paidPremium: '100.00', sequence: 2 });

  await world.returned(payment, 'R01', false);
  await eventually(async () =>
    (await billing.eventsOf(world.tenantId)).some(({ type }) => type === 'invoice.reopened'),
  );
  await world.on('2025-02-11');
  const last = await expectAsAsked(world);
  expect(last).toMatchObject({ paidPremium: '0.00', equityDate: '2025-02-01', sequence: 3 });
  expect(Number(last.equity)).toBeLessThan(0);
});

it('is told once for several payments that came before anybody looked', async () => {
  const world = await DelinquencyWorld.begin(billing);
  await world.on('2025-02-01');
  await world.pay(3_000);
  await world.pay(3_000);
  await world.pay(4_000);
  await world.on('2025-02-01');
  expect(await told(world)).toHaveLength(1);
  expect(await expectAsAsked(world)).toMatchObject({ paidPremium: '100.00' });
});
