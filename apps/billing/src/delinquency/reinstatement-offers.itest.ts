import { newId } from '@quittance/service-kit/id';
import { startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { DelinquencyWorld } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

/** A policy that lapsed on 2025-04-21 with two months of 100.00 past due; so little short as 1.00 is tolerated. */
async function lapsed() {
  const plan = { tolerance: '1.00', noticeAfterDays: 40 };
  const world = await (await DelinquencyWorld.begin(billing, plan)).paidFirst();
  const fee = { type: 'reinstatement_fee', currency: 'USD', amount: '25.00', effectiveFrom: '2025-01-01' };
  await world.post('/fee-rules', fee);
  for (const date of ['2025-03-01', '2025-04-01', '2025-04-10']) await world.on(date);
  await world.mail((await world.delinquency()).notice!.id, '2025-04-10T15:00:00Z');
  await world.becomes('notice_issued');
  await world.on('2025-04-21');
  const { id, cancellationRequestId: requestId } = await world.delinquency();
  await world.say('policy.cancellation_accepted', newId(), { requestId, policyLocator: world.policy });
  await world.becomes('lapsed');
  return { world, id };
}

it.each([
  [22_500, true],
  [22_400, true],
  [22_399, false],
])(
  'S-61: of 225.00 that a reinstatement costs %i is enough: %s; nothing is reinstated by itself',
  async (minor, isEnough) => {
    const { world, id } = await lapsed();
    await world.pay(minor, { effectiveDate: '2025-04-21' });
    const { data } = await billing.said('reinstatement.eligible', id);
    expect(data).toMatchObject({ amountRequired: usd(22_500), fee: usd(2_500), received: usd(minor), isEnough });
    expect((await world.delinquency()).state).toBe('lapsed');
  },
);
