import type { EventType } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { DelinquencyWorld } from '../delinquency/world.itest.ts';
import { eventOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const term = { effectiveDate: '2025-02-01', expirationDate: '2026-02-01' };
const next = { effectiveDate: '2026-02-01', expirationDate: '2027-02-01' };
const charges = [{ category: 'premium', amount: '1200.00' }];
const letterAbout = (text: string) =>
  eventually(async () => (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(text)) ?? null);

/** A policy of 100.00 a month from 2025-02-01 for a year, the first of which is paid. */
async function world() {
  const tenant = await (await DelinquencyWorld.begin(billing)).paidFirst();
  const path = `/policies/${tenant.policy}`;
  const told = (type: EventType, said: object, id = newId()) => {
    const data = { policyLocator: tenant.policy, transactionId: newId(), ...said } as never;
    return eventOf({ type, tenantId: tenant.tenantId, id, data });
  };
  const policy = async () => (await tenant.api.get<{ statuses: string[]; version: number }>(path)).body;
  const becomes = (statuses: string[], version: number) =>
    eventually(async () => {
      const found = await policy();
      return found.version === version && String(found.statuses) === String(statuses);
    });
  return { tenant, path, told, policy, becomes };
}

it('a term that is not renewed is shown so, and takes no renewal until that is taken back', async () => {
  const { tenant, path, told, becomes } = await world();
  const [nonrenewal, renewal] = [newId(), newId()];
  const first = told('policy.nonrenewed', { transactionId: nonrenewal, ...term });
  const refused = told('policy.renewed', { transactionId: renewal, ...next, charges });
  await billing.publish(first, first, told('policy.nonrenewed', { transactionId: nonrenewal, ...term }), refused);
  expect((await letterAbout(refused.id)).reason).toContain('invalid_transition: The term before is not renewed');
  await becomes(['on_risk', 'non_renew'], 2);
  const { data } = await billing.said('policy_transaction.applied', nonrenewal);
  expect(data).toMatchObject({ type: 'nonrenewal', ...{ effectiveDate: term.effectiveDate }, charges: [] });
  const answer = await tenant.api.post(`${path}/transactions`, { type: 'renewal', ...next, charges });
  expect(answer).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });

  await billing.publish(
    told('policy.transaction_invalidated', { transactionId: nonrenewal, reason: 'they stay' }),
    told('policy.renewed', { transactionId: renewal, ...next, charges }),
  );
  await becomes(['on_risk'], 4);
  await billing.said('policy_transaction.applied', renewal);
});

it('a term that has expired is billed no more and renewed no more, and nothing of it is pursued', async () => {
  const { tenant, path, told, becomes } = await world();
  for (const date of ['2025-03-01', '2025-03-05']) await tenant.on(date);
  expect((await tenant.delinquency()).state).toBe('in_grace');
  await becomes(['on_risk', 'delinquent'], 1);
  await tenant.on('2026-02-01');
  await billing.publish(told('policy.expired', term));
  await becomes(['expired'], 2);
  await tenant.on('2026-02-01');
  const states = (await tenant.delinquencies()).map(({ state }) => state);
  const invoices = await tenant.invoices();
  await tenant.on('2026-05-01');
  expect(await tenant.invoices()).toEqual(invoices.map((each) => ({ ...each, pastDue: each.state === 'open' })));
  expect(invoices.filter(({ type }) => type === 'instalment')).toHaveLength(12);
  expect((await tenant.delinquencies()).map(({ state }) => state)).toEqual(states);
  expect(states.filter((state) => state !== 'closed')).toEqual([]);
  const answer = await tenant.api.post(`${path}/transactions`, { type: 'renewal', ...next, charges });
  expect(answer).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
});

it('taken back, a nonrenewal leaves an expiration that was told beside it', async () => {
  const { told, becomes } = await world();
  const transactionId = newId();
  await billing.publish(told('policy.nonrenewed', { transactionId, ...term }), told('policy.expired', term));
  await becomes(['on_risk', 'non_renew'], 3);
  await billing.publish(told('policy.transaction_invalidated', { transactionId }));
  await becomes(['on_risk', 'non_renew'], 4);
});

it('a term that was renewed is not the last, and one that was cancelled does not expire', async () => {
  const { tenant, path, told } = await world();
  const other = await world();
  await tenant.post(`${path}/transactions`, { type: 'renewal', ...next, charges });
  const end = { type: 'cancellation', effectiveDate: '2025-03-01', reason: 'rewrite', method: 'pro_rata' };
  await other.tenant.post(`${other.path}/transactions`, end);
  const renewed = told('policy.nonrenewed', term);
  const cancelled = other.told('policy.expired', term);
  await billing.publish(renewed, cancelled);
  expect((await letterAbout(renewed.id)).reason).toContain('Another term follows');
  expect((await letterAbout(cancelled.id)).reason).toContain('policy_not_in_force');
});

it.each([
  ['policy.nonrenewed', { effectiveDate: '2025-02-01' }, '/expirationDate'],
  ['policy.nonrenewed', { ...term, effectiveDate: '2025-02-02' }, '/effectiveDate must be 2025-02-01'],
  ['policy.expired', { ...term, expirationDate: '2026-01-31' }, '/expirationDate must be 2026-02-01'],
  ['policy.expired', { ...term, charges }, '/charges'],
  ['policy.expired', { ...term, transactionId: 'one' }, '/transactionId'],
  ['policy.expired', { ...next }, '/effectiveDate'],
] as const)('a wrong %s is a dead letter that names the field: %j', async (type, said, wanted) => {
  const { told, policy } = await world();
  const wrong = told(type, said);
  await billing.publish(wrong);
  expect((await letterAbout(wrong.id)).reason).toContain(wanted);
  expect(await policy()).toMatchObject({ statuses: ['on_risk'], version: 1 });
});
