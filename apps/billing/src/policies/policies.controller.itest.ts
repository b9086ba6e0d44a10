import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { issue, policyBody, startBilling } from '../testing/harness.itest.ts';
import type { Billing, PolicyAnswer } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(tenantId);
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

interface Problem {
  code: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
}
const places = ({ errors = [] }: Problem) => errors.map(({ pointer, parameter }) => pointer ?? parameter);
const refused = (said: Record<string, unknown>) => api.post<Problem>('/policies', policyBody(said));
const countPolicies = async () => (await billing.sql<{ n: string }>('SELECT count(*) AS n FROM policies'))[0]?.n;

describe('POST /policies, 201', () => {
  it('makes the policy, its schedule, and the invoice of what is due today', async () => {
    const { policy, schedule } = await issue(api, { jurisdiction: 'US-NY', line: 'home' });
    expect(policy).toMatchObject({
      ...{ currency: 'USD', plan: '1year-monthly', billingMethod: 'direct', jurisdiction: 'US-NY', line: 'home' },
      ...{ collection: 'automatic', paymentMethodId: 'pm-1', policyholderLocator: 'PH-1001' },
      charges: [
        { category: 'premium', amount: '280.00', handling: 'proratable' },
        { category: 'tax', code: 'IPT', amount: '28.00', handling: 'proratable' },
      ],
    });
    expect(schedule).toMatchObject({ state: 'active', total: '308.00', paidThrough: null });
    expect(schedule.instalments.map(({ amount }) => amount)).toEqual([
      ...Array.from({ length: 8 }, () => '25.67'),
      ...Array.from({ length: 4 }, () => '25.66'),
    ]);
    expect(schedule.instalments[0]).toMatchObject({
      ...{ number: 1, state: 'billed', balance: '25.67', pastDue: false },
      lines: [
        { category: 'premium', amount: '23.34' },
        { category: 'tax', code: 'IPT', amount: '2.33' },
      ],
    });
    expect(new Set(schedule.instalments.slice(1).map(({ state }) => state))).toEqual(new Set(['scheduled']));
  });

  it('says what happened, in order, each aggregate from its first version on', async () => {
    const own = newId();
    const { policy, schedule } = await issue(await billing.api(own));
    const said = await billing.eventsOf(own);
    expect(said.map(({ type, sequence }) => `${type} ${Number(sequence)}`)).toEqual([
      'policy_transaction.applied 1',
      'schedule.created 1',
      'schedule.activated 2',
      'invoice.issued 1',
      'instalment.billed 1',
      'instalment.due 2',
    ]);
    expect(said.at(-1)?.data).toMatchObject({
      ...{ instalmentId: schedule.instalments[0]?.id, policyLocator: policy.locator, collection: 'automatic' },
      ...{ paymentMethodId: 'pm-1', attempt: 1, state: 'billed', paidThrough: null },
      balance: { amount: '25.67', amountMinor: 2567, currency: 'USD' },
    });
    expect(said.slice(1, 3).map(({ data }) => data)).toMatchObject([
      { state: 'draft' },
      { state: 'active', plan: '1year-monthly' },
    ]);
    expect(said[3]?.data).toMatchObject({ displayId: 'I-000001', state: 'open', total: { amountMinor: 2567 } });
  });

  it('numbers invoices without gaps, also at once, and late ones have their original due dates', async () => {
    const own = newId();
    const client = await billing.api(own);
    const [year, month] = [new Date().getUTCFullYear() - 1, new Date().getUTCMonth() + 1];
    const effectiveDate = `${year}-${String(month).padStart(2, '0')}-01`;
    const issued = await Promise.all(Array.from({ length: 4 }, () => issue(client, { effectiveDate })));
    const states = issued[0]?.schedule.instalments.map(({ state, pastDue }) => `${state} ${pastDue}`);
    expect(states).toEqual(Array.from({ length: 12 }, () => 'billed true'));
    expect(issued[0]?.schedule.instalments[0]).toMatchObject({ dueOn: effectiveDate, originalDueOn: effectiveDate });
    const rows = await billing.sql<{ number: string }>(
      'SELECT number FROM invoices WHERE tenant_id = $1 ORDER BY number',
      [own],
    );
    expect(rows.map(({ number }) => Number(number))).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
  });

  it('reads amounts as numbers too, in the decimals of the currency', async () => {
    const { schedule } = await issue(api, { currency: 'JPY', charges: [{ category: 'premium', amount: 308 }] });
    expect(schedule.instalments.map(({ amount }) => amount)).toEqual([
      ...Array.from({ length: 8 }, () => '26'),
      ...Array.from({ length: 4 }, () => '25'),
    ]);
  });

  it('S-16: a fee is whole on the first instalment unless told otherwise', async () => {
    const charges = [
      { category: 'premium', amount: '308.00' },
      { category: 'fee', amount: '15.00' },
    ];
    const { schedule } = await issue(api, { charges });
    expect(schedule.instalments.slice(0, 2).map(({ amount }) => amount)).toEqual(['40.67', '25.67']);
  });

  it('answers a repeated Idempotency-Key with the first policy', async () => {
    const body = policyBody();
    const headers = { 'idempotency-key': newId() };
    const first = await api.post<PolicyAnswer>('/policies', body, headers);
    const again = await api.post<PolicyAnswer>('/policies', body, headers);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await api.post<Problem>('/policies', policyBody(), headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });
});

describe('POST /policies, refused', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['a missing number', { policyNumber: undefined }, ['/policyNumber']],
    ['a number that is too long', { policyNumber: 'x'.repeat(65) }, ['/policyNumber']],
    ['no policyholder', { policyholderLocator: '' }, ['/policyholderLocator']],
    ['a currency that is none', { currency: 'usd' }, ['/currency']],
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, ['/timeZone']],
    ['a date that is none', { effectiveDate: '2025-02-30', expirationDate: '2026-01-01' }, ['/effectiveDate']],
    ['a date with a time', { expirationDate: '2030-01-01T00:00:00Z' }, ['/expirationDate']],
    ['an end before the start', { effectiveDate: '2025-01-01', expirationDate: '2025-01-01' }, ['/expirationDate']],
    ['what is no name of a plan', { plan: 'Weekly!' }, ['/plan']],
    ['a due day that no month has', { dueDay: 32 }, ['/dueDay']],
    ['a collection that is none', { collection: 'pigeon' }, ['/collection']],
    ['a billing method that is none', { billingMethod: 'barter' }, ['/billingMethod']],
    ['a payment method that is no text', { paymentMethodId: 7 }, ['/paymentMethodId']],
    ['no charges', { charges: [] }, ['/charges']],
    ['charges that are no list', { charges: 'all' }, ['/charges']],
    ['charges of nothing', { charges: [{ category: 'premium', amount: '0.00' }] }, ['/charges']],
    ['an unknown field', { colour: 'red' }, ['/colour']],
  ])('%s', async (_name, said, pointers) => {
    const { status, body } = await refused(said);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
    expect(new Set(places(body))).toEqual(new Set(pointers));
  });

  it.each([
    ['is no number', 'ten'],
    ['has more decimals than the currency', '1.005'],
    ['has more decimals as a number', 1.005],
    ['is negative', '-1.00'],
    ['is more than can be billed', '90071992547409.92'],
    ['is missing', undefined],
    ['is a list', ['1.00']],
  ])('an amount that %s', async (_name, amount) => {
    const { status, body } = await refused({ charges: [{ category: 'premium', amount }] });
    expect([status, places(body)]).toEqual([400, ['/charges/0/amount']]);
  });

  it('charges that together are more than can be billed', async () => {
    const most = { category: 'premium', amount: '90071992547409.91' };
    const { status, body } = await refused({ charges: [most, most] });
    expect([status, places(body)]).toEqual([400, ['/charges']]);
  });

  it('says everything that is wrong at once, and stores nothing', async () => {
    const before = await countPolicies();
    const { status, body } = await refused({
      ...{
        currency: 'JPY',
        timeZone: 'Nowhere',
        effectiveDate: 'soon',
        expirationDate: '2026-01-01',
        collection: 'pigeon',
        plan: 'Weekly!',
        extra: 1,
      },
      charges: [
        { category: 'premium', amount: '1.5' },
        { category: 'gift', amount: 5, handling: 'later', more: true },
      ],
    });
    expect(status).toBe(400);
    expect(new Set(places(body))).toEqual(
      new Set([
        ...['/timeZone', '/effectiveDate', '/collection', '/plan', '/extra', '/charges/0/amount'],
        ...['/charges/1/category', '/charges/1/handling', '/charges/1/more'],
      ]),
    );
    expect(await countPolicies()).toBe(before);
  });

  it('a plan that does not fit the term, by a rule', async () => {
    const { status, body } = await refused({ effectiveDate: '2025-01-01', expirationDate: '2027-01-01' });
    expect({ status, ...body }).toMatchObject({
      status: 422,
      code: 'plan_not_eligible',
      errors: [{ pointer: '/plan' }],
    });
  });

  it('a plan that is not known, which is looked up last', async () => {
    const { status, body } = await refused({ plan: 'weekly' });
    expect({ status, ...body }).toMatchObject({ status: 400, code: 'invalid_policy', errors: [{ pointer: '/plan' }] });
  });

  it('a due day where the plan leaves no choice', async () => {
    const { status, body } = await refused({ dueDay: 15 });
    expect({ status, ...body }).toMatchObject({
      status: 422,
      code: 'plan_not_eligible',
      errors: [{ pointer: '/dueDay' }],
    });
  });

  it('a caller without the scope', async () => {
    const reader = await billing.api(tenantId, ['billing:read']);
    expect((await reader.post('/policies', policyBody())).status).toBe(403);
  });
});

describe('GET /policies/{locator}', () => {
  it('answers what was issued', async () => {
    const { policy } = await issue(api);
    expect((await api.get(`/policies/${policy.locator}`)).body).toEqual(policy);
  });

  it("answers another tenant's exactly as one that does not exist", async () => {
    const { policy } = await issue(api);
    const stranger = await billing.api(newId());
    const [foreign, unknown, malformed] = await Promise.all([
      stranger.get<Problem>(`/policies/${policy.locator}`),
      stranger.get<Problem>(`/policies/${newId()}`),
      stranger.get<Problem>('/policies/none'),
    ]);
    expect([foreign, unknown, malformed].map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 3 }, () => [404, 'not_found']),
    );
  });
});

describe('PUT /policies/{locator}/payment-method', () => {
  it('changes what the next charge takes', async () => {
    const { policy } = await issue(api);
    const path = `/policies/${policy.locator}/payment-method`;
    const { status, body } = await api.send('PUT', path, { body: { paymentMethodId: 'pm-2' } });
    expect({ status, body }).toEqual({ status: 200, body: { ...policy, paymentMethodId: 'pm-2' } });
  });

  it("changes nothing of another tenant's", async () => {
    const { policy } = await issue(api);
    const stranger = await billing.api(newId());
    const call = { body: { paymentMethodId: 'pm-2' } };
    expect((await stranger.send('PUT', `/policies/${policy.locator}/payment-method`, call)).status).toBe(404);
    expect((await api.get(`/policies/${policy.locator}`)).body).toEqual(policy);
  });

  it('names what is wrong', async () => {
    const { policy } = await issue(api);
    const call = { body: { paymentMethodId: '' } };
    const { status, body } = await api.send<Problem>('PUT', `/policies/${policy.locator}/payment-method`, call);
    expect([status, places(body)]).toEqual([400, ['/paymentMethodId']]);
  });
});
