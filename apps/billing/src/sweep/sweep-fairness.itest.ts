import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { loadBook } from '../testing/book.itest.ts';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { SweepService } from './sweep.service.ts';
import type { SweepPass } from './sweep.service.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
}, 60_000);
afterAll(() => billing.stop());

const sweep = (pass: SweepPass, now: Date) => {
  const service = billing.service.app.get(SweepService);
  return billing.service.app.get(Database).tx((tx) => service.run(tx, pass, { now, tenantId: null }));
};

/** Batches of a pass until this was said of a tenant. */
async function batchesUntil(type: string, tenantId: string, batch: () => Promise<number>): Promise<number> {
  for (let batches = 1; ; batches++) {
    expect(await batch()).toBeGreaterThan(0);
    if ((await billing.eventsOf(tenantId)).some((event) => event.type === type)) return batches;
  }
}

describe('fifty thousand instalments of one tenant', () => {
  it('keep another’s single one waiting for no more than a batch or two', async () => {
    const [many, few] = [newId(), newId()];
    await loadBook(billing.database.adminUrl, { instalments: 96_000, tenantIds: [many], dueDays: 366 });
    const [due] = await billing.sql<{ count: number }>(
      `SELECT count(*)::int FROM instalments
        WHERE tenant_id = $1 AND state = 'billed' AND announced_at IS NULL`,
      [many],
    );
    expect(due?.count).toBeGreaterThan(50_000);
    const { schedule } = await issue(await billing.api(few));
    const second = new Date(`${schedule.instalments[1]!.dueOn}T00:00:00Z`);
    // The other's is the youngest of all, and comes when the many are being worked on already.
    await sweep('bill', new Date());
    await sweep('announce', new Date());
    await billing.sql(
      `UPDATE instalments SET generate_at = now(), due_at = now() WHERE tenant_id = $1 AND number = 2`,
      [few],
    );
    expect(await batchesUntil('instalment.billed', few, () => sweep('bill', second))).toBeLessThanOrEqual(2);
    const mine = async () => {
      await billing.sql('DELETE FROM event_log WHERE tenant_id = $1', [few]);
      return batchesUntil('instalment.due', few, () => sweep('announce', second));
    };
    expect(await mine()).toBeLessThanOrEqual(2);
    const late = new Date(second.getTime() + 2 * 86_400_000);
    expect(await batchesUntil('invoice.past_due', few, () => sweep('past_due', late))).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe('hundreds of subscriptions of one tenant', () => {
  it('keep another’s single one waiting for no more than a batch', async () => {
    const [many, few] = [newId(), newId()];
    const made = { employer_id: 'E-1', carrier_id: 'C-1', policy_id: 'P-1', amount_cents: 100 };
    for (const tenantId of [many, few]) {
      const client = await billing.api(tenantId);
      await client.post('/api/v1/subscriptions', { ...made, customer: { email: 'a@example.org' } });
    }
    await billing.sql(
      `INSERT INTO subscriptions
       SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(),
                 'next_charge_at', s.next_charge_at - interval '1 hour'))).*
         FROM subscriptions s CROSS JOIN generate_series(1, 450) WHERE s.tenant_id = $1`,
      [many],
    );
    const [due] = await billing.sql<{ at: Date }>(
      'SELECT next_charge_at AS at FROM subscriptions WHERE tenant_id = $1',
      [few],
    );
    await billing.sql('DELETE FROM event_log WHERE tenant_id = $1', [few]);
    expect(await batchesUntil('subscription.due', few, () => sweep('subscriptions', due!.at))).toBe(1);
    // What is left of the many comes in its turns.
    while ((await sweep('subscriptions', due!.at)) > 0);
    const [left] = await billing.sql<{ count: number }>(
      'SELECT count(*)::int FROM subscriptions WHERE tenant_id = $1 AND next_charge_at <= $2',
      [many, due!.at],
    );
    expect(left?.count).toBe(0);
  }, 60_000);
});
