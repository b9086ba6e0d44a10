import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { localDate } from '../domain/zone.ts';
import { issue, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { SweepService, sweepPasses } from './sweep.service.ts';
import type { SweepPass } from './sweep.service.ts';

let billing: Billing;
beforeAll(async () => {
  // The service's own worker is as good as off: the sweeps of these tests are the only ones.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

/** One batch of every pass, as the worker does it. */
async function sweep(now: Date, passes: readonly SweepPass[] = sweepPasses): Promise<number> {
  const [service, db] = [billing.service.app.get(SweepService), billing.service.app.get(Database)];
  let done = 0;
  for (const pass of passes) done += await db.tx((tx) => service.run(tx, pass, { now, tenantId: null }));
  return done;
}
/** Until there is nothing left to do. */
async function sweepAll(now: Date, passes: readonly SweepPass[] = sweepPasses): Promise<number> {
  for (let total = 0; ;) {
    const done = await sweep(now, passes);
    if (done === 0) return total;
    total += done;
  }
}
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
const dueEvents = async (tenantId: string) =>
  (await billing.eventsOf(tenantId)).filter(({ type }) => type === 'instalment.due');

describe('the due sweep', () => {
  it('bills and announces every instalment exactly once, however many sweep at once', async () => {
    const tenants = Array.from({ length: 5 }, () => newId());
    for (const tenantId of tenants) {
      const api = await billing.api(tenantId);
      await Promise.all(Array.from({ length: 6 }, () => issue(api)));
    }
    const now = inDays(400);
    // The loser of a batch may find nothing and stop while the winner is still at it.
    await Promise.all(Array.from({ length: 4 }, () => sweepAll(now)));
    for (const tenantId of tenants) {
      for (const type of ['invoice.issued', 'instalment.billed', 'instalment.due']) {
        const said = (await billing.eventsOf(tenantId)).filter((event) => event.type === type);
        expect(said).toHaveLength(6 * 12);
        expect(new Set(said.map(({ subject }) => subject)).size).toBe(6 * 12);
      }
      const asked = await billing.sql(
        `SELECT instalment_id FROM collection_attempts WHERE tenant_id = $1 AND attempt_no = 1 AND state = 'requested'`,
        [tenantId],
      );
      expect(asked).toHaveLength(6 * 12);
    }
    expect(await sweepAll(now)).toBe(0);
  });

  it('S-27: after days of outage releases what was missed, once each, with the original due dates', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy, schedule } = await issue(api);
    await sweepAll(inDays(95));
    const { instalments } = await scheduleOf(api, policy.scheduleId);
    expect(instalments.slice(0, 5).map(({ state }) => state)).toEqual([
      ...Array.from({ length: 4 }, () => 'billed'),
      'scheduled',
    ]);
    const rows = await billing.sql<{ due_on: string }>(
      'SELECT due_on::text FROM invoices WHERE tenant_id = $1 ORDER BY number',
      [tenantId],
    );
    expect(rows.map(({ due_on: dueOn }) => dueOn)).toEqual(schedule.instalments.slice(0, 4).map(({ dueOn }) => dueOn));
  });

  it('S-26: asks at 20:00Z and at 23:00Z, across midnight of Paris: one invoice for the period', async () => {
    const tenantId = newId();
    const timeZone = 'Europe/Paris';
    const api = await billing.api(tenantId);
    const effectiveDate = localDate(new Date(), timeZone);
    const { schedule } = await issue(api, { timeZone, effectiveDate });
    const second = schedule.instalments[1]!.dueOn;
    const dayBefore = new Date(new Date(`${second}T00:00:00Z`).getTime() - 86_400_000).toISOString().slice(0, 10);
    await sweepAll(new Date(`${dayBefore}T20:00:00Z`));
    expect(await dueEvents(tenantId)).toHaveLength(1);
    await sweepAll(new Date(`${dayBefore}T23:00:00Z`));
    await sweepAll(new Date(`${second}T01:00:00Z`));
    expect(await dueEvents(tenantId)).toHaveLength(2);
  });

  it('goes by the date of each policy', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const zones = ['Pacific/Kiritimati', 'UTC', 'Etc/GMT+12'];
    const issued = await Promise.all(zones.map((timeZone) => issue(api, { timeZone, effectiveDate: '2030-06-10' })));
    const states = async () =>
      Promise.all(issued.map(async ({ policy }) => (await scheduleOf(api, policy.scheduleId)).instalments[0]?.state));
    await sweepAll(new Date('2030-06-09T10:00:00Z'));
    expect(await states()).toEqual(['billed', 'scheduled', 'scheduled']);
    await sweepAll(new Date('2030-06-10T00:00:00Z'));
    expect(await states()).toEqual(['billed', 'billed', 'scheduled']);
    await sweepAll(new Date('2030-06-10T12:00:00Z'));
    expect(await states()).toEqual(['billed', 'billed', 'billed']);
  });

  it('leaves tenants alone that live on a test clock', async () => {
    const tenantId = newId();
    const { policy } = await issue(await billing.api(tenantId));
    await billing.sql('INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, current_date, 0)', [
      tenantId,
    ]);
    await sweepAll(inDays(400));
    const { instalments } = await scheduleOf(await billing.api(tenantId), policy.scheduleId);
    expect(instalments.filter(({ state }) => state === 'billed')).toHaveLength(1);
  });
});
