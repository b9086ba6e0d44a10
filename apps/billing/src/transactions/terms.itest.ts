// What several terms, and a term that ended and goes on, do to the transactions of a policy.
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { premium, sum, World } from './world.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
  expect(await billing.deadLetters()).toEqual([]);
});
afterAll(() => billing.stop());

const on = (date: string, terms: Record<string, unknown>, plan?: Record<string, unknown>) =>
  World.on(billing, date, terms, plan);
const netOf = ({ charges }: { charges: { amount: string }[] }) => sum(charges.map(({ amount }) => amount));
const end = (effectiveDate: string, said: Record<string, unknown> = {}) => ({
  ...{ type: 'cancellation', effectiveDate, reason: 'insured_request', method: 'pro_rata', ...said },
});
const flat = (effectiveDate: string) => end(effectiveDate, { reason: 'flat', method: 'flat' });
const renewal = {
  ...{ type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2027-01-01', charges: premium('600.00') },
};
const statesOf = async (world: World) => (await world.policy()).terms.map(({ state }) => state);

describe('of two terms that were cancelled', () => {
  it('the first is reinstated by its own cancellation, though that of the second came later', async () => {
    const world = await on('2025-12-11', { charges: premium('365.00') });
    await world.transact(renewal);
    expect(netOf(await world.transact(end('2025-12-11')))).toBe(-21);
    await world.transact(flat('2026-01-01'));
    const reinstated = await world.transact({ type: 'reinstatement', effectiveDate: '2025-12-11', lapse: false });
    expect(netOf(reinstated)).toBe(21);
    expect(await world.schedule()).toMatchObject({ state: 'active' });
  });

  it('the first ends on its own date again when its reinstatement did not take place', async () => {
    const world = await on('2025-12-11', { charges: premium('365.00') });
    await world.transact(renewal);
    await world.transact(end('2025-12-11'));
    await world.transact(flat('2026-01-01'));
    const { id } = await world.transact({ type: 'reinstatement', effectiveDate: '2025-12-11', lapse: false });
    await world.transact({ type: 'invalidation', transactionId: id });
    expect((await world.policy()).terms).toMatchObject([{ cancelledOn: '2025-12-11' }, { cancelledOn: '2026-01-01' }]);
  });
});

describe('a term that will be cancelled', () => {
  it('takes no endorsement, neither before its end nor after it, and is cancelled once the date has come', async () => {
    const world = await on('2025-07-01', { charges: premium('1200.00') });
    await world.transact(end('2025-09-01'));
    expect(await statesOf(world)).toEqual(['cancel_pending']);
    const more = (effectiveDate: string) => ({ type: 'endorsement', effectiveDate, charges: premium('90.00') });
    expect(await world.ask(more('2025-07-15'))).toMatchObject({ status: 409, body: { code: 'policy_not_in_force' } });
    await world.turn('2025-09-01');
    expect(await statesOf(world)).toEqual(['cancelled']);
    expect(await world.ask(more('2025-10-01'))).toMatchObject({ status: 409, body: { code: 'policy_not_in_force' } });
  });
});

describe('a policy is renewed again', () => {
  it('after a renewal that did not take place', async () => {
    const world = await on('2025-12-11', { charges: premium('1200.00') });
    const { id } = await world.transact(renewal);
    await world.transact({ type: 'invalidation', transactionId: id });
    expect(await world.transact(renewal)).toMatchObject({ termNumber: 3, charges: [{ amount: '600.00' }] });
    expect(await statesOf(world)).toEqual(['in_force', 'flat_cancelled', 'in_force']);
  });

  it('after its next term was taken back, which then does not come to life beside the new one', async () => {
    const world = await on('2025-12-11', { charges: premium('1200.00') });
    await world.transact(renewal);
    const { id } = await world.transact(flat('2026-01-01'));
    await world.transact(renewal);
    const again = await world.ask({ type: 'invalidation', transactionId: id });
    expect(again).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
  });

  it('but not where its term has ended early', async () => {
    const world = await on('2025-12-11', { charges: premium('1200.00') });
    await world.transact(end('2025-12-11'));
    expect(await world.ask(renewal)).toMatchObject({ status: 409, body: { code: 'policy_not_in_force' } });
  });
});

describe('an endorsement that did not take place', () => {
  it('gives back what it cost and takes back what it gave, where its credit paid its own bill', async () => {
    const plan = { name: 'own', label: 'Own', cadence: { type: 'full_pay' }, returnPolicy: 'refund' };
    const world = await on('2025-01-10', { charges: premium('1200.00'), plan: 'own' }, plan);
    await world.pay(120_000);
    const charges = [...premium('100.00'), ...premium('-30.00')];
    const { id } = await world.transact({ type: 'endorsement', effectiveDate: '2025-01-10', charges });
    expect(await world.owed()).toBe(70);
    await world.pay(7_000);
    await world.transact({ type: 'invalidation', transactionId: id });
    expect([await world.owed(), await world.unapplied()]).toEqual([0, 70]);
    expect(await world.schedule()).toMatchObject({ state: 'completed', total: '1200.00' });
  });

  it('is not undone once the term was cancelled, even where it goes on: days without cover were credited', async () => {
    const world = await on('2025-04-11', { charges: premium('1200.00') });
    const charges = premium('365.00');
    const { id } = await world.transact({ type: 'endorsement', effectiveDate: '2025-01-01', charges });
    await world.transact(end('2025-04-11'));
    await world.turn('2025-04-21');
    const back = await world.transact({ type: 'reinstatement', effectiveDate: '2025-04-21', lapse: true });
    expect(back.charges.map(({ amount }) => amount)).toEqual(['871.23', '265.00', '-32.88', '-10.00']);
    const before = await world.schedule();
    const undone = await world.ask({ type: 'invalidation', transactionId: id });
    expect(undone).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
    expect(await world.schedule()).toEqual(before);
  });
});

describe('what was cut out of a schedule', () => {
  interface Past {
    items: { id: string; number: number; state: string; amount: string; supersededBy?: string }[];
    nextCursor: string | null;
  }

  it('is told with the transaction that did it, page by page and by number', async () => {
    const world = await on('2025-10-15', { charges: premium('1200.00') });
    const before = (await world.schedule()).instalments.slice(10);
    const more = { type: 'endorsement', effectiveDate: '2025-10-15', charges: premium('20.00') };
    const [one, two] = [await world.transact(more), await world.transact(more)];
    const path = `/schedules/${world.scheduleId}/instalments`;
    const page = async (query: string) => (await world.api.get<Past>(`${path}?${query}`)).body;
    const { items, nextCursor } = await page('state=superseded&limit=3');
    const rest = await page(`state=superseded&limit=3&cursor=${nextCursor}`);
    const all = [...items, ...rest.items];
    expect(all.map(({ number, amount, supersededBy }) => [number, amount, supersededBy])).toEqual([
      ...[
        [11, '100.00', one.id],
        [11, '110.00', two.id],
        [12, '100.00', one.id],
        [12, '110.00', two.id],
      ],
    ]);
    expect([all[0]?.id, all[2]?.id, rest.nextCursor]).toEqual([...before.map(({ id }) => id), null]);
    expect((await page('')).items).toHaveLength(16);
  });

  it('is not told of another tenant’s schedule, nor by a state or a cursor that there is not', async () => {
    const [world, other] = [await on('2025-10-15', {}), await on('2025-10-15', {})];
    const path = `/schedules/${world.scheduleId}/instalments`;
    expect((await other.api.get(path)).status).toBe(404);
    expect(await world.api.get(`${path}?state=gone`)).toMatchObject({ status: 400, body: { errors: [{}] } });
    expect(await world.api.get(`${path}?cursor=MTo3`)).toMatchObject({ status: 400, body: { errors: [{}] } });
  });
});

describe('a hold of disbursements', () => {
  const held = async (world: World) => {
    const terms = { scope: { policyLocator: world.locator }, targets: ['disbursement'], reason: 'Dispute' };
    expect(await world.api.post('/holds', terms)).toMatchObject({ status: 201 });
  };
  const requests = async ({ api }: World) => (await api.get<{ items: unknown[] }>('/disbursement-requests')).body.items;

  it('keeps the return of a financed policy here', async () => {
    const financed = { plan: 'full-pay', billingMethod: 'financed', financerId: 'PFC-1' };
    const world = await on('2025-04-11', { ...financed, charges: premium('1200.00') });
    await world.pay(120_000);
    await held(world);
    await world.transact(end('2025-04-11'));
    expect([await world.unapplied(), await requests(world)]).toEqual([871.23, []]);
  });

  it('keeps here what is not carried to the next term', async () => {
    const world = await on('2025-12-20', { charges: premium('1200.00') });
    await world.pay(123_000);
    await held(world);
    await world.transact({ ...renewal, carryForward: false });
    expect([await world.unapplied(), await requests(world)]).toEqual([30, []]);
  });
});

describe('a schedule of which everything is settled', () => {
  it('is completed again when the cancellation did not take place, and says so', async () => {
    const world = await on('2025-04-11', { charges: premium('1200.00'), plan: 'full-pay' });
    await world.pay(120_000);
    const { id } = await world.transact(end('2025-04-11'));
    expect(await world.schedule()).toMatchObject({ state: 'cancelled' });
    await world.transact({ type: 'invalidation', transactionId: id });
    expect(await world.schedule()).toMatchObject({ state: 'completed', total: '1200.00' });
    const told = (await world.types()).filter((type) => type.startsWith('schedule.'));
    expect(told.slice(-2)).toEqual(['schedule.recut', 'schedule.completed']);
  });
});
