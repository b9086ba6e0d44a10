import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { noonUtc } from '../domain/calendar.ts';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { DelinquencySweepService } from './delinquency-sweep.service.ts';
import { DelinquencyWorld } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

/** As a fault of ours would: rows refer to what is not there. */
async function corrupt(text: string, values: unknown[]): Promise<void> {
  const client = await billing.admin.connect();
  await client.query(`SET session_replication_role = 'replica'`);
  await client.query(text, values);
  await client.query(`SET session_replication_role = 'origin'`);
  client.release();
}
const another = (world: DelinquencyWorld, said: object = {}) =>
  issue(world.api, {
    ...{ effectiveDate: '2025-02-01', expirationDate: '2026-02-01', timeZone: 'America/New_York' },
    ...{ charges: [{ category: 'premium', amount: '1200.00' }], collection: 'invoice', ...said },
  });

describe('a batch of what is past due', () => {
  it('goes on without the one that cannot be followed', async () => {
    const world = await DelinquencyWorld.begin(billing, { notTaken: 'follow' });
    await another(world);
    await world.on('2025-02-02');
    const { id } = await world.delinquency();
    await corrupt(`UPDATE delinquencies SET plan_id = $2 WHERE id = $1`, [id, newId()]);
    await world.on('2025-02-09');
    const states = await billing.sql(
      `SELECT d.state, n.state AS notice FROM delinquencies d
         LEFT JOIN delinquency_notices n ON n.tenant_id = d.tenant_id AND n.id = d.notice_id
        WHERE d.tenant_id = $1 ORDER BY d.id = $2`,
      [world.tenantId, id],
    );
    expect(states).toEqual([
      { state: 'in_grace', notice: 'due' },
      { state: 'in_grace', notice: null },
    ]);
  });

  it('asks to cancel what has no charges left that a transaction in force made', async () => {
    const world = await DelinquencyWorld.begin(billing);
    const say = (state: string) =>
      billing.sql(`UPDATE policy_transactions SET state = $2 WHERE policy_locator = $1`, [world.policy, state]);
    await world.on('2025-02-01');
    await say('invalidated');
    await world.on('2025-02-02');
    await say('applied');
    expect((await world.delinquency()).state).toBe('lapse_triggered');
  });

  it('gives no tenant more than half while another waits, and each its turn', async () => {
    const [many, few] = [await DelinquencyWorld.begin(billing), await DelinquencyWorld.begin(billing)];
    await few.on('2025-02-01');
    for (let count = 1; count < 110; count += 1) await another(many);
    await many.on('2025-02-01');
    await billing.sql('DELETE FROM test_clocks WHERE tenant_id = ANY($1)', [[many.tenantId, few.tenantId]]);
    const { app } = billing.service;
    const sweep = app.get(DelinquencySweepService);
    await app.get(Database).tx((tx) => sweep.run(tx, noonUtc('2025-02-02')));
    const rows = await billing.sql<{ own: boolean; count: number }>(
      `SELECT tenant_id = $1 AS own, count(*)::int FROM delinquencies WHERE tenant_id = ANY($2) GROUP BY 1 ORDER BY 1`,
      [many.tenantId, [many.tenantId, few.tenantId]],
    );
    expect(rows).toEqual([
      { own: false, count: 1 },
      { own: true, count: 100 },
    ]);
  }, 60_000);
});
