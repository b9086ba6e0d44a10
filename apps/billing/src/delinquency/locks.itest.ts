import type pg from 'pg';
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

/** While another transaction has the policy in hand; `meanwhile` gives it back. */
async function whileLocked(policy: string, meanwhile: (other: pg.PoolClient) => Promise<void>): Promise<void> {
  const other = await billing.admin.connect();
  try {
    await other.query('BEGIN');
    await other.query('SELECT FROM policies WHERE locator = $1 FOR NO KEY UPDATE', [policy]);
    await meanwhile(other);
    await other.query('COMMIT');
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
}
const somebodyWaits = () =>
  eventually(async () => {
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await billing.sql(waiting)).length > 0;
  });

describe('whoever has a policy in hand', () => {
  it('is waited for before money that came back leaves its fund', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    const payment = await world.pay(5_000);
    const fund = `SELECT balance_minor::int AS minor FROM unapplied_funds WHERE owner_locator = $1`;
    await whileLocked(world.policy, async (other) => {
      await world.returned(payment, 'R01', true);
      await somebodyWaits();
      expect((await other.query(`${fund} FOR UPDATE NOWAIT`, [world.policy])).rows).toEqual([{ minor: 5_000 }]);
    });
    await eventually(async () => (await billing.sql<{ minor: number }>(fund, [world.policy]))[0]?.minor === 0);
  });

  it('is waited for by a hold: what he saw without it is looked at again', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    await (await world.on('2025-03-01')).on('2025-03-02');
    const { id } = await world.delinquency();
    let placed: Promise<unknown> = Promise.resolve();
    await whileLocked(world.policy, async (other) => {
      placed = world.post('/holds', { scope: { line: 'motor' }, targets: ['delinquency'], reason: 'Not of it' });
      await placed;
      const scope = { policyLocator: world.policy };
      placed = world.post('/holds', { scope, targets: ['delinquency'], reason: 'Storm' });
      await somebodyWaits();
      await other.query(`UPDATE delinquencies SET next_at = '2025-12-31' WHERE id = $1`, [id]);
    });
    await placed;
    await world.on('2025-03-02');
    expect((await world.delinquency()).state).toBe('pre_grace');
  });
});
