import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { said, startReconciliation, usd } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { EarnPremiumWorker } from './earn-premium.worker.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

const money = (minor: number) => ({ ...usd(Math.abs(minor)), amountMinor: minor, amount: `${minor / 100}` });
const put = async (tenantId: string, settings: object) =>
  (await ledger.api(tenantId, ['recon:write'])).send('PUT', '/ledger-settings', { body: settings });
const cover = { handling: 'proratable', coverageStart: '2025-01-01', coverageEnd: '2026-01-01' } as const;

/** A policy of 1,000.00 whose price was billed at once, of a tenant whose days a test counts. */
function policy(tenantId: string) {
  const policyLocator = newId();
  let days = 0;
  const transaction = (type: 'issue' | 'cancellation', minor: number, from: string) => {
    const transactionId = newId();
    const charges = [{ category: 'premium' as const, amount: money(minor), ...cover, coverageStart: from }];
    const data = { transactionId, policyLocator, type, termNumber: 1, effectiveDate: from, charges };
    return said('policy_transaction.applied', { tenantId, subject: transactionId, data });
  };
  const bill = (minor: number) => {
    const invoiceLocator = newId();
    const items = [{ category: 'premium' as const, amount: money(minor) }];
    const data = { invoiceLocator, policyLocator, total: money(minor), items };
    return said('invoice.issued', { tenantId, subject: invoiceLocator, data });
  };
  const day = (businessDate: string) =>
    said('test_clock.reached', { tenantId, subject: tenantId, sequence: ++days, data: { businessDate } });
  return { policyLocator, transaction, bill, day };
}

/** What was earned, with its date, and what is left in 2010. */
async function earned(tenantId: string) {
  const entries = (await ledger.entries(tenantId)).filter(({ kind }) => kind === 'premium_earned').reverse();
  const lines = (await ledger.entries(tenantId)).flatMap((entry) => entry.lines);
  const left = lines
    .filter(({ account }) => account === '2010')
    .reduce((sum, { debit, credit }) => sum + Number(credit.replace('.', '')) - Number(debit.replace('.', '')), 0);
  const steps = entries.map(({ effectiveDate, lines: [first] }) => {
    return [effectiveDate, first!.account === '2010' ? first!.debit : 'no', first!.credit];
  });
  return { steps, left };
}
const become = (tenantId: string, expected: Awaited<ReturnType<typeof earned>>) =>
  eventually(async () => {
    expect(await earned(tenantId)).toEqual(expected);
    return true;
  });

it('1,000.00 for 365 days: 246.58 after 90 of them, all of it at the end, and 2010 is zero', async () => {
  const tenantId = newId();
  const { transaction, bill, day } = policy(tenantId);
  await put(tenantId, { earning: 'daily' });
  const issue = transaction('issue', 100_000, '2025-01-01');
  await ledger.publish(issue, { ...issue, id: newId() }, bill(100_000));
  await ledger.booked(tenantId, 1);
  await ledger.publish(day('2025-04-01'), day('2026-02-01'), day('2026-02-02'));
  await become(tenantId, {
    steps: [
      ['2025-03-31', '246.58', '0.00'],
      ['2026-01-31', '753.42', '0.00'],
    ],
    left: 0,
  });
  const done = (await ledger.eventsOf(tenantId)).filter(({ type }) => type === 'test_clock.reconciled');
  expect(done).toHaveLength(3);
});

it('cancelled on that day, 753.42 are given back and nothing more is earned', async () => {
  const tenantId = newId();
  const { transaction, bill, day } = policy(tenantId);
  await put(tenantId, { earning: 'daily' });
  await ledger.publish(transaction('issue', 100_000, '2025-01-01'), bill(100_000));
  await ledger.booked(tenantId, 1);
  await ledger.publish(day('2025-04-01'));
  await become(tenantId, { steps: [['2025-03-31', '246.58', '0.00']], left: 75_342 });
  await ledger.publish(transaction('cancellation', -75_342, '2025-04-01'), bill(-75_342));
  await ledger.booked(tenantId, 3);
  await ledger.publish(day('2025-04-02'), day('2026-02-01'));
  await become(tenantId, { steps: [['2025-03-31', '246.58', '0.00']], left: 0 });
});

it('by the month; and what is not billed yet is not earned yet', async () => {
  const tenantId = newId();
  const { transaction, bill, day } = policy(tenantId);
  await put(tenantId, { earning: 'monthly' });
  await ledger.publish(transaction('issue', 100_000, '2025-01-01'), bill(10_000));
  await ledger.booked(tenantId, 1);
  await ledger.publish(day('2025-01-31'), day('2025-02-03'), day('2025-02-04'), day('2025-03-15'));
  await become(tenantId, {
    steps: [
      ['2025-01-31', '84.93', '0.00'],
      ['2025-02-28', '15.07', '0.00'],
    ],
    left: 0,
  });
});

it("is nobody's who has not asked for it, and catches up for who does, by the days of the real clock", async () => {
  const tenantId = newId();
  const { transaction, bill } = policy(tenantId);
  await ledger.publish(transaction('issue', 100_000, '2025-01-01'), bill(100_000));
  await ledger.booked(tenantId, 1);
  const worker = ledger.service.app.get(EarnPremiumWorker);
  worker.kick();
  await put(tenantId, { earning: 'daily' });
  worker.kick();
  const entries = await ledger.booked(tenantId, 2);
  expect(entries[0]).toMatchObject({ kind: 'premium_earned', lines: [{ account: '2010' }, { account: '4010' }] });
});
