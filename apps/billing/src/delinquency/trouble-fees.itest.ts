import { sampleOf } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startBilling, usd } from '../testing/harness.itest.ts';
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

const feeRule = (type: string, said: object = {}) => {
  return { type, currency: 'USD', amount: '25.00', effectiveFrom: '2025-01-01', ...said };
};

/** 100.00 due on 03-01, paid by an attempt of ours, on the day on which the bank sends it back. */
async function debited() {
  const world = await (await DelinquencyWorld.begin(billing, {}, { collection: 'automatic' })).paidFirst();
  await world.on('2025-03-01');
  const [invoice] = await world.invoices();
  const [row] = await billing.sql<{ id: string }>('SELECT instalment_id AS id FROM invoices WHERE id = $1', [
    invoice!.locator,
  ]);
  const source = { type: 'instalment' as const, id: row!.id, attempt: 1 };
  const payment = await world.pay(10_000, { invoiceLocator: invoice!.locator, source, effectiveDate: '2025-03-01' });
  await eventually(async () => (await world.invoices()).every(({ state }) => state === 'paid'));
  await world.on('2025-03-05');
  return { world, payment, invoice: invoice!, instalmentId: row!.id };
}
const reopened = ({ world, invoice }: Awaited<ReturnType<typeof debited>>) =>
  eventually(async () =>
    (await world.invoices()).find(({ locator, state }) => locator === invoice.locator && state === 'open'),
  );
describe('a payment that came back', () => {
  it('S-87: costs 25.00 on its own invoice, due today; 125.00 are owed, and delinquency begins tomorrow', async () => {
    const came = await debited();
    const { world, payment } = came;
    await world.post('/fee-rules', feeRule('nsf_fee'));
    await world.returned(payment, 'R01', true);
    expect(await reopened(came)).toMatchObject({ balance: '100.00', dueOn: '2025-03-05' });
    const fee = await eventually(async () => (await world.invoices()).find(({ type }) => type === 'fee'));
    expect(fee).toMatchObject({ state: 'open', balance: '25.00', dueOn: '2025-03-05' });
    expect((await world.on('2025-03-05')).policy).toBe(world.policy);
    expect(await world.delinquencies()).toEqual([]);
    await world.on('2025-03-06');
    expect(await world.delinquency()).toMatchObject({ state: 'in_grace', reason: 'nsf', balance: '125.00' });
  });

  it('S-89: for want of money is presented again tomorrow, and twice at most', async () => {
    const came = await debited();
    await came.world.returned(came.payment, 'R01', true);
    await reopened(came);
    expect(await came.world.attempts(came.instalmentId)).toMatchObject([
      { no: 1, state: 'failed', code: 'R01', category: 'soft' },
      { no: 2, state: 'waiting', on: '2025-03-06' },
    ]);
    await came.world.on('2025-03-06');
    const asked = await billing.said('instalment.collection_due', came.instalmentId);
    expect(asked.data).toMatchObject({ attempt: 2, balance: usd(10_000) });
  });

  it('S-89: is presented again a second time, though the first notice would have been by then', async () => {
    const came = await debited();
    const { world, instalmentId } = came;
    await world.returned(came.payment, 'R01', true);
    await reopened(came);
    await (await world.on('2025-03-06')).on('2025-03-07');
    const source = { type: 'instalment' as const, id: instalmentId, attempt: 2 };
    const again = await world.pay(10_000, { invoiceLocator: came.invoice.locator, source });
    await world.on('2025-03-11');
    await world.returned(again, 'R01', true);
    await reopened(came);
    expect((await world.attempts(instalmentId)).at(-1)).toMatchObject({ no: 3, state: 'waiting', on: '2025-03-12' });
    await world.on('2025-03-12');
    const third = { ...source, attempt: 3 };
    const last = await world.pay(10_000, { invoiceLocator: came.invoice.locator, source: third });
    await world.on('2025-03-16');
    await world.returned(last, 'R01', true);
    await reopened(came);
    await world.on('2025-03-17');
    expect((await world.attempts(instalmentId)).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
  });

  it('S-77: that the customer never allowed is not presented again, and the notice does not wait', async () => {
    const came = await debited();
    await came.world.returned(came.payment, 'R10', false);
    await reopened(came);
    expect(await came.world.attempts(came.instalmentId)).toMatchObject([
      { no: 1, state: 'failed', code: 'R10', category: 'hard' },
    ]);
    await came.world.on('2025-03-06');
    expect(await came.world.delinquency()).toMatchObject({ state: 'in_grace', notice: { state: 'due' } });
    expect((await came.world.invoices()).filter(({ type }) => type === 'fee')).toEqual([]);
  });

  it('S-90: after a renewal is owed of the old term, and is not presented again', async () => {
    const world = await (await DelinquencyWorld.begin(billing, {}, { collection: 'automatic' })).paidFirst();
    await world.pay(100_000);
    await world.on('2026-01-01');
    const last = (await world.invoices()).find(({ state }) => state === 'open')!;
    const [row] = await billing.sql<{ id: string }>('SELECT instalment_id AS id FROM invoices WHERE id = $1', [
      last.locator,
    ]);
    const source = { type: 'instalment' as const, id: row!.id, attempt: 1 };
    const payment = await world.pay(10_000, { invoiceLocator: last.locator, source, effectiveDate: '2026-01-01' });
    const next = { effectiveDate: '2026-02-01', expirationDate: '2027-02-01' };
    const charges = [{ category: 'premium', amount: '2400.00' }];
    await world.post(`/policies/${world.policy}/transactions`, { type: 'renewal', ...next, charges });
    // The bank takes 59 days.
    await (await world.on('2026-02-01')).on('2026-03-01');
    await world.returned(payment, 'R10', false);
    const owed = await eventually(async () =>
      (await world.invoices()).find(({ locator, state }) => locator === last.locator && state === 'open'),
    );
    expect(owed).toMatchObject({ balance: '100.00', dueOn: '2026-03-01' });
    expect(await world.attempts(row!.id)).toMatchObject([{ no: 1, state: 'failed', code: 'R10', category: 'hard' }]);
    const schedules = await billing.sql<{ state: string; term: number }>(
      `SELECT state, term_number AS term FROM schedules WHERE policy_locator = $1 ORDER BY term_number`,
      [world.policy],
    );
    expect(schedules).toEqual([
      { state: 'active', term: 1 },
      { state: 'active', term: 2 },
    ]);
  });

  it('S-88: that was entered in error costs nothing', async () => {
    const came = await debited();
    await came.world.post('/fee-rules', feeRule('nsf_fee'));
    const reversal = { reversalId: newId(), reason: 'entered_in_error', pejorative: false, executedDate: '2025-03-05' };
    const data = { ...sampleOf('payment.reversed'), ...came.payment, reversal };
    await came.world.say('payment.reversed', came.payment.locator, data, 2);
    await reopened(came);
    expect((await came.world.invoices()).filter(({ type }) => type === 'fee')).toEqual([]);
  });

  it('costs nothing where no rule says so', async () => {
    const came = await debited();
    await came.world.returned(came.payment, 'R01', true);
    await reopened(came);
    expect((await came.world.invoices()).filter(({ type }) => type === 'fee')).toEqual([]);
  });
});

describe('a declined charge', () => {
  const declined = async (category: 'soft' | 'hard', on: string) => {
    const world = await (await DelinquencyWorld.begin(billing, {}, { collection: 'automatic' })).paidFirst();
    await world.on('2025-03-01');
    await world.on(on);
    return { world, instalmentId: await world.fail(category) };
  };

  it('S-77: for good leaves nothing to wait for: the notice is asked for on the first day past due', async () => {
    const { world } = await declined('hard', '2025-03-01');
    await world.on('2025-03-02');
    expect(await world.told()).toEqual(['delinquency.started', 'delinquency.grace_started', 'delinquency.notice_due']);
  });

  it('S-77: later, it is asked for at once', async () => {
    const { world } = await declined('hard', '2025-03-04');
    expect(await eventually(async () => (await world.delinquency()).notice)).toMatchObject({ state: 'due' });
  });

  it('is never tried again on the day of the notice or after it, however late it was told', async () => {
    const { world, instalmentId } = await declined('soft', '2025-03-08');
    expect(await world.attempts(instalmentId)).toMatchObject([{ no: 1, state: 'failed', category: 'soft' }]);
  });
});

describe('a late fee', () => {
  it('S-86: is waived when money is found that had come before it was charged', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    await world.post('/fee-rules', feeRule('late_fee', { amount: '5.00', afterDays: 3 }));
    await world.on('2025-03-01');
    const lost = await world.pay(10_500, { policyLocator: 'POL-9', effectiveDate: '2025-03-02' });
    await (await world.on('2025-03-05')).on('2025-03-10');
    const items = `/suspense-items?paymentLocator=${lost.locator}`;
    const [item] = (await world.api.get<{ items: { id: string }[] }>(items)).body.items;
    const key = { 'idempotency-key': newId() };
    await world.api.post(`/suspense-items/${item!.id}/apply`, { policyLocator: world.policy }, key);
    const fee = (await world.invoices()).find(({ type }) => type === 'fee')!;
    expect(fee).toMatchObject({ dueOn: '2025-03-05', state: 'uncollectible', balance: '0.00' });
    const said = (await billing.eventsOf(world.tenantId)).filter(({ type }) => type === 'fee.waived');
    expect(said).toMatchObject([{ data: { feeType: 'late_fee', invoiceLocator: fee.locator, amount: usd(500) } }]);
    await world.on('2025-03-10');
    expect((await world.delinquency()).state).toBe('settled');
    expect((await world.invoices()).map(({ balance }) => balance)).toEqual(['0.00', '0.00', '0.00']);
  });

  it('S-27: is not charged for days on which we asked nobody for anything', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    await world.post('/fee-rules', feeRule('late_fee', { amount: '5.00', afterDays: 1 }));
    const fees = async () => (await world.invoices()).filter(({ type }) => type === 'fee').map(({ dueOn }) => dueOn);
    // Nothing was done since 02-01.
    await (await world.on('2025-03-04')).on('2025-03-05');
    expect((await world.invoices()).map(({ dueOn }) => dueOn)).toContain('2025-03-01');
    expect(await fees()).toEqual([]);
    await (await world.on('2025-03-06')).on('2025-03-07');
    expect(await fees()).toEqual(['2025-03-06']);
  });

  it('is charged once for each invoice, after its days, and is not late itself', async () => {
    const world = await (await DelinquencyWorld.begin(billing)).paidFirst();
    await world.post(
      '/fee-rules',
      feeRule('late_fee', { amount: '5.00', basisPoints: 150, cap: '6.00', afterDays: 3 }),
    );
    await (await world.on('2025-03-01')).on('2025-03-04');
    expect((await world.invoices()).filter(({ type }) => type === 'fee')).toEqual([]);
    await (await (await world.on('2025-03-05')).on('2025-03-06')).on('2025-03-20');
    expect((await world.invoices()).filter(({ type }) => type === 'fee')).toMatchObject([
      { balance: '6.00', dueOn: '2025-03-05' },
    ]);
    expect((await world.delinquency()).balance).toBe('106.00');
  });
});
