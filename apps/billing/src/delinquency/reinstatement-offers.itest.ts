import { newId } from '@quittance/service-kit/id';
import { addDays } from '../domain/calendar.ts';
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

describe('S-63: money that came after the lapse', () => {
  /** Cancelled for good after 79 of 365 days; 300.00 on the next day reinstate nothing by themselves. */
  async function late() {
    const { world, id } = await lapsed();
    const transactions = `/policies/${world.policy}/transactions`;
    const end = { effectiveDate: '2025-04-21', reason: 'non_payment', method: 'pro_rata' };
    await world.post(transactions, { type: 'cancellation', ...end });
    await world.pay(30_000, { effectiveDate: '2025-04-22' });
    const { data } = await billing.said('reinstatement.eligible', id);
    const requests = async () => {
      const { body } = await world.api.get<{ items: { amount: string; state: string }[] }>('/disbursement-requests');
      return body.items.map(({ amount, state }) => [amount, state]);
    };
    return { world, transactions, requests, windowEnd: data.windowEnd };
  }

  it('goes back by itself, once, when the window has passed: what of it is more than was earned', async () => {
    const { world, requests, windowEnd } = await late();
    await world.on(windowEnd);
    expect(await requests()).toEqual([]);
    await world.on(addDays(windowEnd, 1));
    // 400.00 paid in all, of which 1,200.00 x 79/365 = 259.73 are earned.
    expect(await requests()).toEqual([['140.27', 'requested']]);
    await world.on(addDays(windowEnd, 2));
    expect(await requests()).toHaveLength(1);
    expect((await world.delinquency()).state).toBe('lapsed');
  });

  it('stays where the policy was reinstated meanwhile', async () => {
    const { world, transactions, requests, windowEnd } = await late();
    await world.post(transactions, { type: 'reinstatement', effectiveDate: '2025-04-21', lapse: false });
    await world.on(addDays(windowEnd, 1));
    expect(await requests()).toEqual([]);
  });
});
