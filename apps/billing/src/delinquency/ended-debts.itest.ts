import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { DelinquencyWorld } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

/** 100.00 due on 03-01 is past due. */
const late = async (plan: object = {}, terms: object = {}) => {
  const world = await (await DelinquencyWorld.begin(billing, plan, terms)).paidFirst();
  await world.on('2025-03-01');
  return world.on('2025-03-02');
};
const statesOf = async (world: DelinquencyWorld) => (await world.delinquencies()).map(({ state }) => state);
const firstOpen = (world: DelinquencyWorld) =>
  eventually(async () => (await world.invoices()).find(({ state }) => state === 'open' || state === 'partially_paid'));

describe('what is owed when its delinquency has ended', () => {
  it('begins anew when the payment that settled it within the tolerance comes back', async () => {
    const world = await late({ tolerance: '1.00' });
    const payment = await world.pay(9_950, { effectiveDate: '2025-03-02' });
    await world.becomes('settled');
    await world.returned(payment, 'R01', false);
    await eventually(async () => (await firstOpen(world)).balance === '100.00');
    await world.on('2025-03-07');
    expect(await statesOf(world)).toEqual(['in_grace', 'settled']);
    expect(await world.delinquency()).toMatchObject({ reason: 'nsf', balance: '100.00' });
  });

  it('begins anew when the policy system rescinds a cancellation though nothing was paid', async () => {
    const world = await (await late()).on('2025-03-09');
    await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.on('2025-03-21');
    const { cancellationRequestId: requestId } = await world.delinquency();
    await world.say('policy.cancellation_rescinded', newId(), { requestId, policyLocator: world.policy });
    await world.becomes('rescinded');
    await world.on('2025-03-22');
    expect(await world.delinquency()).toMatchObject({ state: 'in_grace', notice: { state: 'due' }, balance: '100.00' });
  });

  it('stays with the person who closed it', async () => {
    const world = await late({}, { billingMethod: 'agency', producerId: 'PROD-7' });
    const { id } = await world.delinquency();
    await world.api.post(`/delinquencies/${id}/decide`, { outcome: 'closed' });
    await world.on('2025-04-01');
    await world.pay(5_000, {
      invoiceLocator: (await world.invoices()).find(({ dueOn }) => dueOn > '2025-03')!.locator,
    });
    await world.on('2025-04-01');
    expect(await statesOf(world)).toEqual(['closed']);
  });
});

describe('what is past due', () => {
  it('is settled by whatever settles it: here it is written off', async () => {
    const world = await late();
    await world.post('/write-offs', { invoiceLocator: (await firstOpen(world)).locator, reason: 'gone' });
    await world.on('2025-03-02');
    expect(await statesOf(world)).toEqual(['settled']);
  });
});
