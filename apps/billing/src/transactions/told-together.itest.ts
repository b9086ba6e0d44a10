// Transactions told over the stream that meet others: a payment, another policy, somebody who holds its lock.
import { sampleOf } from '@quittance/events/catalogue';
import type { EventType } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, policyBody, startBilling } from '../testing/harness.itest.ts';
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

const told = ({ tenantId }: World, policyLocator: string, type: EventType, said: Record<string, unknown>) =>
  eventOf({ type, tenantId, data: { policyLocator, ...said } as never });
const endorsed = (world: World, policyLocator: string, transactionId = newId()) =>
  told(world, policyLocator, 'policy.endorsed', { transactionId, effectiveDate: '2025-07-01', charges: premium('10') });

interface Item {
  id: string;
  type: string;
  state: string;
  termNumber: number;
  charges: { amount: string }[];
}

/** The transaction of a policy, once it was heard. */
const heard = ({ api }: World, locator: string, isIt: (item: Item) => boolean) =>
  eventually(
    async () => (await api.get<{ items: Item[] }>(`/policies/${locator}/transactions`)).body.items.find(isIt) ?? null,
    { timeoutMs: 20_000 },
  );
const byId = (id: string) => (item: Item) => item.id === id;

const other = async ({ api }: World) => {
  const { policy } = await issue(api, policyBody({ effectiveDate: '2025-01-01', expirationDate: '2026-01-01' }));
  return policy.locator;
};

it('waits for a payment that is being collected, and is applied once that has failed', async () => {
  const world = await World.on(billing, '2025-07-01', { charges: premium('1200.00'), collection: 'automatic' });
  const charges = premium('100.00');
  const { id } = await world.transact({ type: 'endorsement', effectiveDate: '2025-01-01', charges });
  const [row] = await billing.sql<{ id: string }>(
    `SELECT id FROM instalments WHERE tenant_id = $1 AND source = 'endorsement'`,
    [world.tenantId],
  );
  const gone = told(world, world.locator, 'policy.transaction_invalidated', { transactionId: id, reason: 'none' });
  await billing.publish(gone);
  await eventually(async () => (await billing.sql('SELECT FROM inbox_failures')).length > 0);
  const failure = { code: 'no', category: 'hard', retryable: false, recommendedAction: 'none' };
  const source = { type: 'instalment' as const, id: row!.id, attempt: 1 };
  const failed = { ...sampleOf('payment.failed'), source, failure } as never;
  await billing.publish(eventOf({ type: 'payment.failed', tenantId: world.tenantId, data: failed }));
  await heard(world, world.locator, ({ id: own, state }) => own === id && state === 'invalidated');
  expect((await billing.deadLetters()).filter(({ body }) => Buffer.from(body).includes(gone.id))).toEqual([]);
});

it('is listed in the order of application, whatever ids the sender gives', async () => {
  const world = await World.on(billing, '2025-07-01', { charges: premium('1200.00') });
  const [second, first] = [newId(), newId()];
  await billing.publish(endorsed(world, world.locator, first), endorsed(world, world.locator, second));
  await heard(world, world.locator, byId(second));
  await heard(world, world.locator, byId(first));
  const page = async (query: string) =>
    (await world.api.get<{ items: Item[]; nextCursor: string }>(`/policies/${world.locator}/transactions?${query}`))
      .body;
  const { items, nextCursor } = await page('limit=2');
  expect(items.map(({ id }) => id)).toEqual([second, first]);
  const last = await page(`limit=2&cursor=${nextCursor}`);
  expect(last).toMatchObject({ items: [{ type: 'issue' }], nextCursor: null });
});

it('under an id that another policy has is a dead letter that says so', async () => {
  const world = await World.on(billing, '2025-07-01', { charges: premium('1200.00') });
  const locator = await other(world);
  const first = endorsed(world, world.locator);
  const { transactionId } = first.data as { transactionId: string };
  const again = endorsed(world, locator, transactionId);
  await billing.publish(first, again);
  const letter = await eventually(
    async () => (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(again.id)) ?? null,
    { timeoutMs: 20_000 },
  );
  expect(letter.reason).toContain('transaction_conflict');
  await heard(world, world.locator, byId(transactionId));
});

it('told of several policies at once, holds none of them while it waits for another', async () => {
  const world = await World.on(billing, '2025-07-01', { charges: premium('1200.00') });
  const [first, second] = [await other(world), await other(world)];
  const clients = [await billing.admin.connect(), await billing.admin.connect()] as const;
  const [one, two] = clients;
  const lock = 'SELECT FROM policies WHERE locator = $1 FOR NO KEY UPDATE';
  const isWaiting = async () => (await billing.sql('SELECT FROM pg_locks WHERE NOT granted')).length > 0;
  for (const client of clients) await client.query('BEGIN');
  await one.query(lock, [world.locator]);
  await two.query(lock, [first]);
  // Alone, and waiting: what is told meanwhile is heard together.
  const before = endorsed(world, world.locator);
  await billing.publish(before);
  await eventually(isWaiting);
  await billing.publish(endorsed(world, second), endorsed(world, first));
  await one.query('COMMIT');
  await heard(world, world.locator, byId((before.data as { transactionId: string }).transactionId));
  await eventually(isWaiting);
  await one.query(`${lock} NOWAIT`, [second]);
  await two.query('COMMIT');
  for (const client of clients) client.release();
  for (const locator of [first, second]) await heard(world, locator, ({ type }) => type === 'endorsement');
});

it('S-60: a term that was cancelled is reinstated, and renewed, under the ids of the sender', async () => {
  const world = await World.on(billing, '2025-04-11', { charges: premium('1200.00') });
  await world.transact({
    ...{ type: 'cancellation', effectiveDate: '2025-04-11', reason: 'non_payment', method: 'pro_rata' },
  });
  await world.turn('2025-04-21');
  const [reinstatement, renewal] = [newId(), newId()];
  const renewed = { effectiveDate: '2026-01-01', expirationDate: '2027-01-01', charges: premium('600.00') };
  await billing.publish(
    told(world, world.locator, 'policy.reinstated', {
      ...{ transactionId: reinstatement, effectiveDate: '2025-04-21', lapse: true },
    }),
    told(world, world.locator, 'policy.renewed', { transactionId: renewal, ...renewed }),
  );
  expect(await heard(world, world.locator, byId(renewal))).toMatchObject({
    ...{ type: 'renewal', state: 'applied', termNumber: 2, charges: [{ amount: '600.00' }] },
  });
  const { charges } = await heard(world, world.locator, byId(reinstatement));
  expect(sum(charges.map(({ amount }) => amount))).toBe(838.35);
  expect((await world.policy()).terms.map(({ state }) => state)).toEqual(['in_force', 'in_force']);
});
