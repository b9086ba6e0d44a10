import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { DelinquencyWorld } from '../delinquency/world.itest.ts';
import { issue, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const targets = ['invoicing', 'delinquency'];

async function scheduleIn({ api, policy }: DelinquencyWorld) {
  const { body } = await api.get<{ items: { id: string }[] }>(`/schedules?policyLocator=${policy}`);
  return scheduleOf(api, body.items[0]!.id);
}

/** What stands of the schedule, from the second instalment on: due date, amount, state, source. */
async function standing(world: DelinquencyWorld, count = 3, from = 1) {
  const schedule = await scheduleIn(world);
  const rest = schedule.instalments.slice(from, from + count);
  return rest.map(({ dueOn, amount, state, source }) => [dueOn, amount, state, source]);
}

async function declared(world: DelinquencyWorld, dates: object): Promise<string> {
  const id = newId();
  const said = { moratoriumId: id, jurisdiction: 'US-LA', targets, reason: 'Hurricane', ...dates };
  await world.say('policy.moratorium_declared', id, said);
  await eventually(async () => (await billing.sql('SELECT FROM holds WHERE id = $1', [id])).length === 1);
  return id;
}

describe('after a moratorium', () => {
  it('S-75: what fell due within it is one instalment; what is due on its end was not held', async () => {
    const world = await DelinquencyWorld.begin(billing);
    await world.post('/fee-rules', {
      ...{ type: 'late_fee', currency: 'USD', amount: '5.00', afterDays: 3, effectiveFrom: '2025-01-01' },
    });
    await declared(world, { startsOn: '2025-02-01', endsOn: '2025-05-01' });
    // Issued within it, so that its first due date is held as the others are.
    const { policy } = await issue(world.api, {
      ...{ effectiveDate: '2025-02-01', expirationDate: '2026-02-01', timeZone: 'America/New_York' },
      ...{ charges: [{ category: 'premium', amount: '1200.00' }], collection: 'invoice', jurisdiction: 'US-LA' },
    });
    world.policy = policy.locator;
    await world.on('2025-02-03');
    expect((await scheduleIn(world)).state).toBe('on_hold');
    await (await world.on('2025-03-15')).on('2025-04-30');
    expect(await world.invoices()).toEqual([]);
    await world.on('2025-05-01');
    expect((await scheduleIn(world)).state).toBe('active');
    expect(await standing(world, 3, 0)).toEqual([
      ['2025-05-01', '300.00', 'billed', 'catch_up'],
      ['2025-05-01', '100.00', 'billed', 'plan'],
      ['2025-06-01', '100.00', 'scheduled', 'plan'],
    ]);
    const told = await billing.sql<{ type: string }>(
      `SELECT type FROM event_log WHERE subject = $1 AND type LIKE 'schedule.%' ORDER BY seq`,
      [policy.scheduleId],
    );
    expect(told.map(({ type }) => type)).toEqual([
      ...['schedule.created', 'schedule.activated', 'schedule.held', 'schedule.released'],
    ]);
    expect(await world.delinquencies()).toEqual([]);
    expect((await world.invoices()).filter(({ type }) => type === 'fee')).toEqual([]);
    await world.on('2025-05-02');
    // By the due date of the catch-up, and not of what was held.
    expect(await world.delinquency()).toMatchObject({ onsetOn: '2025-05-01' });
  });

  it('catches up once although nobody swept while it lasted, and what another one holds waits for that', async () => {
    const world = await (await DelinquencyWorld.begin(billing, {}, { jurisdiction: 'US-LA' })).paidFirst();
    await declared(world, { startsOn: '2025-02-02', endsOn: '2025-04-01' });
    await declared(world, { startsOn: '2025-03-15', endsOn: '2025-06-01' });
    await world.on('2025-04-20');
    expect(await world.invoices()).toHaveLength(1);
    await (await world.on('2025-06-01')).on('2025-06-05');
    expect(await standing(world, 2)).toEqual([
      ['2025-06-01', '300.00', 'billed', 'catch_up'],
      ['2025-06-01', '100.00', 'billed', 'plan'],
    ]);
    const steps = await billing.sql('SELECT invoicing_step AS step FROM holds WHERE tenant_id = $1', [world.tenantId]);
    expect(steps).toEqual([{ step: 'caught_up' }, { step: 'caught_up' }]);
  });

  it('does not wait for holds that are over and done with', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    const dates = { startsOn: '2025-01-01', endsOn: '2025-05-01', reason: 'Elsewhere', targets: ['invoicing'] };
    for (let n = 0; n < 12; n++) await world.post('/holds', { ...dates, scope: { line: `line-${n}` } });
    const scope = { policyLocator: world.policy };
    await world.post('/holds', { ...dates, startsOn: '2025-02-02', scope });
    await (await world.on('2025-02-03')).on('2025-05-01');
    expect(await standing(world, 1)).toEqual([['2025-05-01', '200.00', 'billed', 'catch_up']]);
  });

  it('bills what a cancelled term owes beyond as one, too, and not from an earlier day', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    const scope = { policyLocator: world.policy };
    const hold = { scope, targets: ['invoicing'], reason: 'Storm', startsOn: '2025-02-02', endsOn: '2025-05-01' };
    await world.post('/holds', hold);
    await world.on('2025-03-15');
    const end = { type: 'cancellation', effectiveDate: '2025-03-15', reason: 'insured_request', method: 'pro_rata' };
    await world.post(`/policies/${world.policy}/transactions`, end);
    expect(await world.invoices()).toHaveLength(1);
    await world.on('2025-05-01');
    const owed = (await world.invoices()).filter(({ state }) => state === 'open');
    expect(owed).toMatchObject([{ balance: '38.08', dueOn: '2025-05-01' }]);
  });

  it('holds one policy that is named, and gives it back when it is released early', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    await world.on('2025-02-10');
    const scope = { policyLocator: world.policy };
    const { id } = await world.post('/holds', { scope, targets: ['invoicing'], reason: 'Dispute' });
    await (await world.on('2025-02-11')).on('2025-03-05');
    expect(await standing(world, 1)).toEqual([['2025-03-01', '100.00', 'scheduled', 'plan']]);
    expect((await world.api.post(`/holds/${id}/release`, {})).status).toBe(200);
    await world.on('2025-03-06');
    expect(await standing(world, 2)).toEqual([
      ['2025-03-06', '100.00', 'billed', 'catch_up'],
      ['2025-04-01', '100.00', 'scheduled', 'plan'],
    ]);
  });
});
