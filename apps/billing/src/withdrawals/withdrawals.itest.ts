import { sampleOf } from '@quittance/events/catalogue';
import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, scheduleOf, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

/** One year of twelve instalments of 100.00 from 2025-01-01, of a tenant of its own. */
const twelveHundreds = {
  effectiveDate: '2025-01-01',
  charges: [{ category: 'premium', amount: '1200.00' }],
};
const r01 = { scheme: 'ach', code: 'R01', pejorative: true, returnedDate: '2025-03-04' } as const;

type Said = Partial<EventData<'payment.returned'>>;

/** A payment of a policy and what payments may say of it. */
function paymentOf(tenantId: string, minor: number, said: Said = {}) {
  const data = paymentData(minor, said);
  const about = { tenantId, subject: data.locator };
  const refund = (refunded: number, refundId = newId()) =>
    eventOf({
      ...{ type: 'refund.succeeded', tenantId, subject: refundId },
      data: {
        ...sampleOf('refund.succeeded'),
        ...{ refundId, paymentLocator: data.locator, amount: usd(refunded), effectiveDate: '2025-03-04' },
      },
    });
  return {
    locator: data.locator,
    posted: eventOf({ type: 'payment.posted', ...about, data }),
    returned: (more: Said = {}) =>
      eventOf({
        ...{ type: 'payment.returned', ...about, sequence: 2 },
        data: { ...data, state: 'returned', return: r01, ...more },
      }),
    reversed: (more: Said = {}) =>
      eventOf({
        ...{ type: 'payment.reversed', ...about, sequence: 2 },
        data: { ...data, state: 'returned', reversal: { reversalId: newId(), reason: 'entered_in_error' }, ...more },
      }),
    refund,
  };
}

/** allocated, unapplied, suspended, refunded, disbursed, returned */
async function partsOf(locator: string): Promise<number[]> {
  const [row] = await billing.sql<{ parts: string[] }>(
    `SELECT ARRAY[allocated_minor, unapplied_minor, suspended_minor, refunded_minor, disbursed_minor, returned_minor]
              ::text[] AS parts FROM received_payments WHERE locator = $1`,
    [locator],
  );
  return (row?.parts ?? []).map(Number);
}
const becomes = (locator: string, ...parts: number[]) =>
  eventually(async () => {
    expect(await partsOf(locator)).toEqual(parts);
    return true;
  });
const causedBy = async (tenantId: string, { id }: QuittanceEvent) =>
  (await billing.eventsOf(tenantId)).filter(({ causationid }) => causationid === id);

async function invoicesOf(api: Api, policyLocator: string) {
  type Invoice = { dueOn: string; balance: string; state: string; pastDue: boolean; type: string };
  const { body } = await api.get<{ invoices: Invoice[] }>(`/invoices?policyLocator=${policyLocator}`);
  return body.invoices.toReversed();
}

/** Sets the tenant's date, as an advance of the test clock leaves it. */
const setDate = (tenantId: string, date: string) =>
  billing.sql(
    `INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, $2, 1)
     ON CONFLICT (tenant_id) DO UPDATE SET business_date = excluded.business_date`,
    [tenantId, date],
  );

describe('payment.returned', () => {
  it.each(['returned', 'reversed'] as const)(
    'S-87, S-88: %s on 2025-03-05: 100.00 owed again, by the end of that day, and past due from the next',
    async (how) => {
      const tenantId = newId();
      const api = await billing.api(tenantId);
      const { policy, schedule } = await issue(api, { ...twelveHundreds, timeZone: 'America/New_York' });
      await setDate(tenantId, '2025-03-05');
      const march = schedule.instalments[2]!;
      const payment = paymentOf(tenantId, 10_000, { source: { type: 'instalment', id: march.id, attempt: 1 } });
      await billing.publish(payment.posted);
      await becomes(payment.locator, 10_000, 0, 0, 0, 0, 0);
      const undoing = payment[how]();
      await billing.publish(undoing);
      await becomes(payment.locator, 0, 0, 0, 0, 0, 10_000);
      expect((await invoicesOf(api, policy.locator))[2]).toMatchObject({
        ...{ dueOn: '2025-03-05', balance: '100.00', state: 'open', pastDue: false },
      });
      const [undone] = await causedBy(tenantId, undoing);
      // The bank's date where it names one, else the day on which it is undone.
      const effectiveDate = how === 'returned' ? '2025-03-04' : '2025-03-05';
      expect(undone).toMatchObject({ type: 'allocation.reversed', data: { effectiveDate } });
      await setDate(tenantId, '2025-03-06');
      const invoices = await invoicesOf(api, policy.locator);
      expect(invoices[2]).toMatchObject({ dueOn: '2025-03-05', pastDue: true });
      // No fee: it is charged by the rules of delinquency.
      expect(new Set(invoices.map(({ type }) => type))).toEqual(new Set(['instalment']));
    },
  );

  it('S-90: after the term ended, reopens the invoices of that term', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy, schedule } = await issue(api, { effectiveDate: '2024-01-01', expirationDate: '2025-01-01' });
    const payment = paymentOf(tenantId, 30_800, { policyLocator: policy.locator });
    await billing.publish(payment.posted);
    await becomes(payment.locator, 30_800, 0, 0, 0, 0, 0);
    expect(await scheduleOf(api, policy.scheduleId)).toMatchObject({ state: 'completed', paidThrough: '2025-01-01' });
    await billing.publish(payment.returned({ return: { ...r01, code: 'R10' } }));
    await becomes(payment.locator, 0, 0, 0, 0, 0, 30_800);
    const after = await scheduleOf(api, policy.scheduleId);
    expect(after).toMatchObject({ state: 'active', paidThrough: null });
    expect(after.instalments.map(({ id, state }) => [id, state])).toEqual(
      schedule.instalments.map(({ id }) => [id, 'billed']),
    );
  });

  it('of a lost dispute takes what was disputed, and leaves the rest unapplied', async () => {
    const tenantId = newId();
    const { policy } = await issue(await billing.api(tenantId));
    const payment = paymentOf(tenantId, 2567, { policyLocator: policy.locator });
    const chargeback = { ...r01, scheme: 'card', code: 'chargeback' } as const;
    await billing.publish(payment.posted, payment.returned({ return: chargeback, amountDisputed: usd(1000) }));
    await becomes(payment.locator, 0, 1567, 0, 0, 0, 1000);
  });

  it('of money in suspense closes the item', async () => {
    const tenantId = newId();
    const payment = paymentOf(tenantId, 500, { policyLocator: 'POL-9' });
    const returned = payment.returned();
    await billing.publish(payment.posted, returned);
    await becomes(payment.locator, 0, 0, 0, 0, 0, 500);
    expect(await causedBy(tenantId, returned)).toMatchObject([
      { type: 'suspense.returned', sequence: '0000000002', data: { amount: usd(500), reason: 'unknown_policy' } },
    ]);
  });
});

describe('payment.posted', () => {
  it('S-103: that nobody asked for is suspense, whatever it names', async () => {
    const tenantId = newId();
    const { schedule } = await issue(await billing.api(tenantId));
    const source = { type: 'instalment', id: schedule.instalments[0]!.id, attempt: 1 } as const;
    const payment = paymentOf(tenantId, 2567, { source, toSuspense: true });
    await billing.publish(payment.posted);
    await becomes(payment.locator, 0, 0, 2567, 0, 0, 0);
    expect(await causedBy(tenantId, payment.posted)).toMatchObject([
      { type: 'suspense.opened', data: { reason: 'unexpected' } },
    ]);
  });
});

describe('refund.succeeded', () => {
  const overpaid = async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy } = await issue(api);
    return { tenantId, api, policy, payment: paymentOf(tenantId, 3000, { policyLocator: policy.locator }) };
  };

  it('is taken from what pays nothing, and the invoice stays paid', async () => {
    const { tenantId, api, policy, payment } = await overpaid();
    const refund = payment.refund(433);
    await billing.publish(payment.posted, refund);
    await becomes(payment.locator, 2567, 0, 0, 433, 0, 0);
    expect((await causedBy(tenantId, refund)).map(({ type, data }) => [type, data])).toEqual([
      [
        'unapplied.changed',
        expect.objectContaining({ delta: { amount: '-4.33', amountMinor: -433, currency: 'USD' } }),
      ],
    ]);
    expect(await invoicesOf(api, policy.locator)).toMatchObject([{ state: 'paid', balance: '0.00' }]);
  });

  it('beyond that opens the invoice again, by as much as is given back', async () => {
    const { tenantId, api, policy, payment } = await overpaid();
    const refund = payment.refund(1433);
    await billing.publish(payment.posted, refund);
    await becomes(payment.locator, 1567, 0, 0, 1433, 0, 0);
    expect(await invoicesOf(api, policy.locator)).toMatchObject([{ state: 'partially_paid', balance: '10.00' }]);
    const said = (await causedBy(tenantId, refund)).map(({ type }) => type);
    expect(said.filter((type) => type.startsWith('allocation'))).toEqual(['allocation.reversed', 'allocation.created']);
  });

  it('opens what is due last, and what is due first stays paid', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy } = await issue(api, { effectiveDate: '2024-01-01', expirationDate: '2025-01-01' });
    const payment = paymentOf(tenantId, 30_800, { policyLocator: policy.locator });
    await billing.publish(payment.posted, payment.refund(3000));
    await becomes(payment.locator, 27_800, 0, 0, 3000, 0, 0);
    const { instalments, paidThrough } = await scheduleOf(api, policy.scheduleId);
    expect(instalments.slice(9).map(({ state, balance }) => [state, balance])).toEqual([
      ['paid', '0.00'],
      ['partially_paid', '4.34'],
      ['billed', '25.66'],
    ]);
    expect(paidThrough).toBe(instalments[9]?.periodEnd);
  });

  it('S-94: of 1,500.00 as 500.00 and 1,000.00 leaves nothing of it', async () => {
    const tenantId = newId();
    const { policy } = await issue(await billing.api(tenantId), twelveHundreds);
    const payment = paymentOf(tenantId, 150_000, { policyLocator: policy.locator });
    await billing.publish(payment.posted, payment.refund(50_000), payment.refund(100_000));
    await becomes(payment.locator, 0, 0, 0, 150_000, 0, 0);
  });

  it('counts once, however often it is told', async () => {
    const { payment } = await overpaid();
    const refund = payment.refund(100);
    await billing.publish(payment.posted, refund, refund, { ...refund, id: newId() }, payment.refund(1));
    await becomes(payment.locator, 2567, 332, 0, 101, 0, 0);
  });

  it('of a part of suspense leaves the rest as a new item', async () => {
    const tenantId = newId();
    const payment = paymentOf(tenantId, 500, { policyLocator: 'POL-9' });
    const refund = payment.refund(200);
    await billing.publish(payment.posted, refund);
    await becomes(payment.locator, 0, 0, 300, 200, 0, 0);
    expect((await causedBy(tenantId, refund)).map(({ type, data }) => [type, data])).toEqual([
      ['suspense.returned', expect.objectContaining({ amount: usd(500) })],
      ['suspense.opened', expect.objectContaining({ amount: usd(300), reason: 'unknown_policy' })],
    ]);
  });

  it('S-95: of 40.00, then a chargeback of 100.00: 40.00 is owed beside the invoice', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy } = await issue(api, twelveHundreds);
    const payment = paymentOf(tenantId, 10_000, { policyLocator: policy.locator });
    const chargeback = { ...r01, scheme: 'card', code: 'chargeback' } as const;
    const returned = payment.returned({ return: chargeback, amountDisputed: usd(10_000) });
    await billing.publish(payment.posted, payment.refund(4000));
    await becomes(payment.locator, 6000, 0, 0, 4000, 0, 0);
    await billing.publish(returned);
    await becomes(payment.locator, 0, 0, 0, 4000, 0, 6000);
    const shortfall = (await causedBy(tenantId, returned)).find(({ type }) => type === 'shortfall.opened');
    expect(shortfall?.data).toMatchObject({
      ...{ amount: usd(4000), cause: 'return', paymentLocator: payment.locator, policyLocator: policy.locator },
      effectiveDate: '2025-03-04',
    });
  });

  it('of a payment that never was posted is a dead letter', async () => {
    const payment = paymentOf(newId(), 100);
    await billing.publish(payment.refund(100));
    const letter = await eventually(async () =>
      (await billing.deadLetters()).find(({ reason }) => reason.includes(payment.locator)),
    );
    expect(letter.reason).toContain('never posted here and has a refund');
  });

  it.each([
    ['a known policy is unapplied again', true, [2567, 433, 0, 0, 0, 0]],
    ['no known policy is suspense', false, [2567, 0, 433, 0, 0, 0]],
  ])('by cheque counts by the cheque, and of %s where that is stopped', async (_name, isKnown, parts) => {
    const { tenantId, policy, payment } = await overpaid();
    const refundId = newId();
    const cheque = (id: string, type: 'disbursement.executed' | 'disbursement.voided', sequence: number) => {
      const { requestId: _, policyLocator: __, ...sample } = sampleOf(type);
      const about = { disbursementId: id, refundId, paymentLocator: payment.locator, amount: usd(433) };
      const owner = isKnown ? { policyLocator: policy.locator } : {};
      return eventOf({ type, tenantId, subject: id, sequence, data: { ...sample, ...about, ...owner } });
    };
    const [first, second] = [newId(), newId()];
    const executed = cheque(first, 'disbursement.executed', 1);
    await billing.publish(payment.posted, executed, { ...executed, id: newId() });
    await becomes(payment.locator, 2567, 0, 0, 433, 0, 0);
    await billing.publish(cheque(first, 'disbursement.voided', 2));
    await becomes(payment.locator, ...parts);
    await billing.publish(cheque(second, 'disbursement.executed', 1));
    await becomes(payment.locator, 2567, 0, 0, 433, 0, 0);
  });
});
