import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, startBilling } from '../testing/harness.itest.ts';
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

type Answer = 'accepted' | 'rejected' | 'rescinded';

const letterAbout = (text: string) =>
  eventually(async () => (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(text)) ?? null);

/** A policy that owes 100.00 since 2025-03-01, and whose cancellation was asked for on 2025-03-21. */
async function asked() {
  const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
  for (const date of ['2025-03-01', '2025-03-09']) await world.on(date);
  await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
  await world.becomes('notice_issued');
  await world.on('2025-03-21');
  const { id, cancellationRequestId: requestId } = await world.delinquency();
  const answer = (said: Answer, more: object = {}) => {
    const data = { requestId, policyLocator: world.policy, ...more } as never;
    return eventOf({ type: `policy.cancellation_${said}`, tenantId: world.tenantId, data });
  };
  const told = async () => (await billing.eventsAbout(id)).map(({ type }) => type).slice(6);
  const statuses = async () => {
    return (await world.api.get<{ statuses: string[] }>(`/policies/${world.policy}`)).body.statuses;
  };
  return { world, id, answer, told, statuses };
}

it('rejected, the cover does not end and a person has it, until the money comes', async () => {
  const { world, id, answer, told, statuses } = await asked();
  expect(await statuses()).toEqual(['on_risk', 'delinquent', 'cancel_pending']);
  await billing.publish(answer('rejected', { reason: 'A payment is on its way' }));
  expect(await world.becomes('manual_review')).toMatchObject({ id, reviewReason: 'cancellation_rejected' });
  expect((await billing.said('delinquency.referred', id)).data).toMatchObject({
    ...{ state: 'manual_review', reviewReason: 'cancellation_rejected', minimumToCure: { amount: '100.00' } },
  });
  expect(await statuses()).toEqual(['on_risk', 'delinquent']);
  await world.pay(10_000, { effectiveDate: '2025-03-22' });
  await world.becomes('settled');
  expect(await told()).toEqual(['delinquency.referred', 'delinquency.settled']);
  expect(await statuses()).toEqual(['on_risk']);
});

it('rescinded, it is over, and what is still owed begins anew', async () => {
  const { world, id, answer, told } = await asked();
  await billing.publish(answer('rescinded'));
  await billing.said('delinquency.rescinded', id);
  expect(await told()).toEqual(['delinquency.rescinded']);
  await world.on('2025-03-22');
  expect((await world.delinquencies()).map(({ state }) => state)).toEqual(['in_grace', 'rescinded']);
  expect((await world.invoices()).filter(({ state }) => state === 'open')).toMatchObject([{ balance: '100.00' }]);
});

it.each(['rejected', 'rescinded'] as const)('%s is heard once, by one event or two', async (said) => {
  const { world, answer, told } = await asked();
  const first = answer(said);
  await billing.publish(first, first, answer(said));
  await world.becomes(said === 'rejected' ? 'manual_review' : 'rescinded');
  const other = await asked();
  await billing.publish(other.answer('rejected'));
  await other.world.becomes('manual_review');
  expect(await told()).toHaveLength(1);
});

it.each([
  ['accepted', 'rejected'],
  ['rescinded', 'accepted'],
  ['rescinded', 'rejected'],
] as const)('%s and then %s is a dead letter, and nothing changes', async (first, then) => {
  const { id, answer, told } = await asked();
  const wrong = answer(then);
  await billing.publish(answer(first));
  await billing.said(first === 'accepted' ? 'delinquency.lapsed' : 'delinquency.rescinded', id);
  await billing.publish(wrong);
  expect((await letterAbout(wrong.id)).reason).toContain('invalid_transition');
  expect(await told()).toHaveLength(1);
});

it.each([
  ['rejected', { requestId: 'one' }, '/requestId'],
  ['rescinded', { policyLocator: 'one' }, '/policyLocator'],
  ['rejected', { reason: 7 }, '/reason'],
  ['rejected', { policyLocator: newId() }, '/policyLocator'],
  ['rescinded', { requestId: newId() }, 'was never asked for'],
] as const)('%s with %j is a dead letter that says what is wrong', async (said, more, wanted) => {
  const { world, answer } = await asked();
  const wrong = answer(said, more);
  await billing.publish(wrong);
  expect((await letterAbout(wrong.id)).reason).toContain(wanted);
  expect((await world.delinquency()).state).toBe('lapse_triggered');
});
