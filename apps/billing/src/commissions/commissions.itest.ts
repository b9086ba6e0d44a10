import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  tenantId = newId();
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface Entry {
  state: string;
  amount: string;
  bookedOn: string;
  payoutId?: string;
}
const producerId = 'PR-7';
const agree = (said: Record<string, unknown> = {}) =>
  api.post<{ id: string; code: string }>('/commission-agreements', {
    ...{ producerId, rate: '0.15', earn: 'on_payment', effectiveFrom: '2020-01-01' },
    ...said,
  });
const entriesOf = async (policyLocator: string) => {
  const { body } = await api.get<{ items: Entry[] }>(`/commission-entries?policyLocator=${policyLocator}`);
  return body.items.map(({ state, amount }) => [state, amount]).reverse();
};
const earning = (policyLocator: string, ...entries: [state: string, amount: string][]) =>
  eventually(async () => {
    expect(await entriesOf(policyLocator)).toEqual(entries);
    return true;
  });
const payout = (currency = 'USD', key = newId()) =>
  api.post<{ id: string; amount: string; code: string }>(
    '/commission-payouts',
    { producerId, currency },
    { 'idempotency-key': key },
  );
const statements = async (period = '') =>
  (await api.get<{ items: unknown[] }>(`/producer-statements?producerId=${producerId}${period}`)).body.items;

async function pay(policyLocator: string, minor: number) {
  const data = paymentData(minor, { policyLocator });
  const about = { tenantId, subject: data.locator };
  await billing.publish(eventOf({ type: 'payment.posted', ...about, data }));
  return {
    data,
    takeBack: () =>
      billing.publish(
        eventOf({
          ...{ type: 'payment.returned', ...about, sequence: 2 },
          data: { ...data, state: 'returned', return: { code: 'R01', returnedOn: '2025-03-05' } } as never,
        }),
      ),
  };
}

describe('commission that is earned as premium is paid', () => {
  it('S-115: is reserved when the policy is issued and earned on the premium part of each payment', async () => {
    const { body: agreement } = await agree();
    const { policy } = await issue(api, { producerId });
    await earning(policy.locator, ['reserved', '42.00']);
    await pay(policy.locator, 2567);
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '3.50']);
    const said = (await billing.eventsOf(tenantId)).filter(({ type }) => type.startsWith('commission.'));
    expect(said).toMatchObject([
      {
        ...{ type: 'commission.reserved', sequence: '0000000001' },
        data: {
          ...{ producerId, policyLocator: policy.locator, termNumber: 1, agreementId: agreement.id },
          ...{ rate: '0.15', earn: 'on_payment', amount: usd(4200), basis: usd(28_000), earnedBasis: usd(0) },
          ...{ reserved: usd(4200), earned: usd(0), paid: usd(0) },
        },
      },
      {
        ...{ type: 'commission.earned', sequence: '0000000002', subject: said[0]?.subject },
        data: { amount: usd(350), earnedBasis: usd(2334), reserved: usd(3850), earned: usd(350), paid: usd(0) },
      },
    ]);
    expect(await statements()).toEqual([
      {
        ...{ producerId, currency: 'USD', opening: '0.00', earned: '3.50' },
        ...{ paid: '0.00', closing: '3.50', reserved: '38.50' },
      },
    ]);
  });

  it('a payment that comes twice earns once, and a part of an instalment its part', async () => {
    await agree();
    const { policy } = await issue(api, { producerId });
    const { data } = await pay(policy.locator, 1000);
    // 9.09 of it are premium (S-85).
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '1.36']);
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await pay(policy.locator, 1567);
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '1.36'], ['earned', '2.14']);
  });

  it('S-118: what is taken back after it was paid out is negative, and taken off the next payout', async () => {
    await agree();
    const [first, second] = [await issue(api, { producerId }), await issue(api, { producerId })];
    const payment = await pay(first.policy.locator, 2567);
    await earning(first.policy.locator, ['reserved', '42.00'], ['earned', '3.50']);
    const key = newId();
    const paid = await payout('USD', key);
    expect(paid).toMatchObject({ status: 201, body: { producerId, amount: '3.50', currency: 'USD' } });
    expect((await payout('USD', key)).body).toEqual(paid.body);
    expect(await payout()).toMatchObject({ status: 422, body: { code: 'nothing_to_pay_out' } });
    await payment.takeBack();
    await earning(
      first.policy.locator,
      ['reserved', '42.00'],
      ['earned', '3.50'],
      ['paid', '3.50'],
      ['earned', '-3.50'],
    );
    expect((await payout()).status).toBe(422);
    expect(await statements()).toMatchObject([{ earned: '0.00', paid: '3.50', closing: '-3.50', reserved: '84.00' }]);
    await pay(second.policy.locator, 5134);
    await earning(second.policy.locator, ['reserved', '42.00'], ['earned', '3.50']);
    expect((await payout()).status).toBe(422);
    const { body: list } = await api.get(`/commission-payouts?producerId=${producerId}`);
    expect(list).toEqual({ items: [paid.body], nextCursor: null });
  });

  it('of many payouts at once one pays', async () => {
    await agree();
    const { policy } = await issue(api, { producerId });
    await pay(policy.locator, 2567);
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '3.50']);
    const answers = await Promise.all(Array.from({ length: 8 }, () => payout()));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(422)]);
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '3.50'], ['paid', '3.50']);
  });
});

describe('commission on premium that changes', () => {
  const year = { effectiveDate: '2025-01-01', expirationDate: '2026-01-01', plan: 'full-pay', collection: 'invoice' };
  const premium = (amount: string) => [{ category: 'premium', amount }];

  async function issued(said: Record<string, unknown> = {}) {
    await agree();
    const { policy } = await issue(api, { ...year, producerId, charges: premium('1200.00'), ...said });
    const transact = async (body: Record<string, unknown>) => {
      const answer = await api.post<{ id: string }>(`/policies/${policy.locator}/transactions`, body);
      expect(answer).toMatchObject({ status: 201 });
      return answer.body;
    };
    return { locator: policy.locator, transact };
  }
  const cancellation = {
    ...{ type: 'cancellation', effectiveDate: '2025-04-11', reason: 'insured_request', method: 'pro_rata' },
  };

  it('S-114: what is reserved on returned premium is clawed back, and reserved again by a reinstatement', async () => {
    const { locator, transact } = await issued();
    await transact(cancellation);
    expect(await entriesOf(locator)).toEqual([
      ['reserved', '180.00'],
      ['clawed_back', '-130.68'],
    ]);
    expect(await statements()).toMatchObject([{ closing: '0.00', reserved: '49.32' }]);
    await transact({ type: 'reinstatement', effectiveDate: '2025-04-11', lapse: false });
    expect((await entriesOf(locator)).at(-1)).toEqual(['reserved', '130.68']);
  });

  it('S-114: of premium that was paid, what was earned is clawed back', async () => {
    const { locator, transact } = await issued();
    await pay(locator, 120_000);
    await earning(locator, ['reserved', '180.00'], ['earned', '180.00']);
    await transact(cancellation);
    expect((await entriesOf(locator)).slice(2)).toEqual([
      ['clawed_back', '-130.68'],
      ['earned', '-130.68'],
    ]);
    expect(await statements()).toMatchObject([{ earned: '49.32', closing: '49.32', reserved: '0.00' }]);
  });

  it('an endorsement reserves more, and nothing is left of one that did not take place', async () => {
    const { locator, transact } = await issued();
    const body = { type: 'endorsement', effectiveDate: '2025-07-01', annualised: premium('300.00') };
    const { id: transactionId } = await transact(body);
    expect((await entriesOf(locator)).at(-1)).toEqual(['reserved', '22.68']);
    await transact({ type: 'invalidation', transactionId });
    expect((await entriesOf(locator)).at(-1)).toEqual(['clawed_back', '-22.68']);
  });

  it('a renewal is under the agreement of its own first day', async () => {
    const { locator, transact } = await issued();
    await agree({ effectiveFrom: '2026-01-01', rate: '0.20', earn: 'on_issue' });
    const dates = { effectiveDate: '2026-01-01', expirationDate: '2027-01-01' };
    await transact({ type: 'renewal', ...dates, charges: premium('1000.00') });
    expect((await entriesOf(locator)).slice(1)).toEqual([
      ['reserved', '200.00'],
      ['earned', '200.00'],
    ]);
  });
});

describe('commission that is earned otherwise', () => {
  it('on issue: at once, on the whole premium', async () => {
    await agree({ earn: 'on_issue', rate: 0.1 });
    const { policy } = await issue(api, { producerId });
    await earning(policy.locator, ['reserved', '28.00'], ['earned', '28.00']);
  });

  it('on billing: with each invoice, paid or not', async () => {
    await agree({ earn: 'on_billing' });
    const lastYear = { effectiveDate: `${new Date().getUTCFullYear() - 1}-01-01` };
    const { policy } = await issue(api, { ...lastYear, producerId, plan: 'full-pay' });
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '42.00']);
    await pay(policy.locator, 30_800);
    await eventually(
      async () => (await billing.sql('SELECT 1 FROM allocations WHERE tenant_id = $1', [tenantId])).length > 0,
    );
    await earning(policy.locator, ['reserved', '42.00'], ['earned', '42.00']);
  });
});

describe('an agreement', () => {
  it('counts for terms that start on its date or later, until the next one does', async () => {
    await agree({ effectiveFrom: '2024-01-01', rate: '0.10' });
    await agree({ effectiveFrom: '2025-01-01', rate: '0.20' });
    await agree({ effectiveFrom: '2030-01-01', rate: '0.30' });
    const issued = async (effectiveDate: string) =>
      (await issue(api, { producerId, effectiveDate, plan: 'full-pay' })).policy.locator;
    const locators = [await issued('2023-12-31'), await issued('2024-12-31'), await issued('2025-01-01')];
    const reserved = await Promise.all(locators.map(async (locator) => (await entriesOf(locator))[0]?.[1]));
    expect(reserved).toEqual([undefined, '28.00', '56.00']);
  });

  it('brings nothing to a policy without a producer, or with another one, or to another tenant', async () => {
    await agree();
    const other = await billing.api(newId());
    const locators = [
      (await issue(api)).policy.locator,
      (await issue(api, { producerId: 'PR-8' })).policy.locator,
      (await issue(other, { producerId })).policy.locator,
    ];
    expect(await Promise.all(locators.map(entriesOf))).toEqual([[], [], []]);
    expect((await other.get('/commission-agreements')).body).toEqual({ items: [], nextCursor: null });
  });

  it('is never changed, and one date has one', async () => {
    const first = await agree({ rate: '0.125' });
    expect(first).toMatchObject({ status: 201, body: { rate: '0.125', basis: 'premium', earn: 'on_payment' } });
    expect(await agree({ rate: '0.5' })).toMatchObject({
      status: 409,
      body: { code: 'agreement_exists', errors: [{ pointer: '/effectiveFrom' }] },
    });
    expect((await api.get(`/commission-agreements?producerId=${producerId}`)).body).toEqual({
      items: [first.body],
      nextCursor: null,
    });
    expect((await api.get('/commission-agreements?producerId=PR-8')).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('what is refused, each at its place', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['more than all', { rate: '1.1' }, '/rate'],
    ['too fine a rate', { rate: '0.1234567' }, '/rate'],
    ['a rate that is none', { rate: '15 %' }, '/rate'],
    ['another time to earn', { earn: 'some day' }, '/earn'],
    ['a date that is none', { effectiveFrom: '2025-02-30' }, '/effectiveFrom'],
    ['no producer', { producerId: '' }, '/producerId'],
    ['a basis we do not know', { basis: 'tax' }, '/basis'],
    ['an unknown field', { note: 'x' }, '/note'],
  ])('%s', async (_name, body, pointer) => {
    const answer = await api.post<{ errors: { pointer: string }[] }>('/commission-agreements', {
      ...{ producerId, rate: '0.15', earn: 'on_payment', effectiveFrom: '2020-01-01' },
      ...body,
    });
    expect([answer.status, answer.body.errors.map((error) => error.pointer)]).toEqual([400, [pointer]]);
    expect((await api.get('/commission-agreements')).body).toEqual({ items: [], nextCursor: null });
  });

  it('a payout without a key or in no currency, a statement of nobody, a state there is not', async () => {
    expect(await api.post('/commission-payouts', { producerId, currency: 'USD' })).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_required' },
    });
    expect(await payout('usd')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/currency' }] } });
    expect((await api.get('/producer-statements')).status).toBe(400);
    expect((await api.get('/commission-entries?state=lost')).status).toBe(400);
    expect((await api.get('/commission-entries?policyLocator=POL-1')).body).toEqual({ items: [], nextCursor: null });
  });
});
