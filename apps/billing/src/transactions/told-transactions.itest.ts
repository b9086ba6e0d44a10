import type { EventType } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

const charges = [{ category: 'premium', amount: '1200.00' }];
const more = [{ category: 'premium', amount: '300.00' }];

/** A tenant on 1 July with a policy of the year. */
async function world() {
  const tenantId = newId();
  await billing.sql(`INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, '2025-07-01', 0)`, [
    tenantId,
  ]);
  const api = await billing.api(tenantId);
  const term = { effectiveDate: '2025-01-01', expirationDate: '2026-01-01', collection: 'invoice' };
  const { policy } = await issue(api, { ...term, charges });
  const told = (type: EventType, data: Record<string, unknown>, id = newId()) =>
    eventOf({ type, tenantId, id, subject: newId(), data: { policyLocator: policy.locator, ...data } as never });
  const transactions = async () =>
    (
      await api.get<{ items: { id: string; type: string; state: string; charges: { amount: string }[] }[] }>(
        `/policies/${policy.locator}/transactions`,
      )
    ).body.items;
  return { tenantId, api, policy, told, transactions };
}

const renewal = { type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2027-01-01', charges: more };

interface Refused {
  errors?: { pointer: string }[];
}

const letterAbout = (text: string) =>
  eventually(async () => (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(text)) ?? null);

it('a change, an end and its undoing come over the stream as over HTTP, under the ids of the sender', async () => {
  const { told, transactions, policy, api } = await world();
  const [endorsement, cancellation] = [newId(), newId()];
  await billing.publish(
    told('policy.endorsed', { transactionId: endorsement, effectiveDate: '2025-07-01', annualised: more }),
    told('policy.cancelled', {
      ...{ transactionId: cancellation, effectiveDate: '2025-10-01', reason: 'insured_request', method: 'pro_rata' },
    }),
    told('policy.transaction_invalidated', { transactionId: cancellation, reason: 'the insured stays' }),
  );
  const items = await eventually(async () => {
    const found = await transactions();
    return found.length === 4 ? found : null;
  });
  const told4 = items.map(({ type, state }) => `${type} ${state}`).toSorted();
  expect(told4).toEqual(['cancellation invalidated', 'endorsement applied', 'invalidation applied', 'issue applied']);
  expect(items.find(({ id }) => id === endorsement)?.charges).toMatchObject([{ amount: '151.23' }]);
  const { body } = await api.get<{ statuses: string[]; version: number }>(`/policies/${policy.locator}`);
  expect(body).toMatchObject({ statuses: ['on_risk'], version: 4 });
});

it('told again, by the same event or another, it changes nothing; with other content it is a dead letter', async () => {
  const { told, transactions } = await world();
  const transactionId = newId();
  const body = { transactionId, effectiveDate: '2025-07-01', annualised: more };
  const first = told('policy.endorsed', body);
  const other = told('policy.endorsed', { ...body, annualised: [{ category: 'premium', amount: '301.00' }] });
  const marker = told('policy.endorsed', { ...body, transactionId: newId() });
  await billing.publish(first, first, told('policy.endorsed', body), other, marker);
  const letter = await letterAbout(other.id);
  expect(letter.reason).toContain('transaction_conflict');
  const items = await eventually(async () => {
    const found = await transactions();
    return found.length === 3 ? found : null;
  });
  expect(items.filter(({ type }) => type === 'endorsement')).toHaveLength(2);
});

it.each([
  [
    'policy.endorsed',
    { effectiveDate: '2025-07-01', charges: [{ category: 'luck', amount: 'x' }] },
    '/charges/0/amount',
  ],
  ['policy.cancelled', { effectiveDate: '2025-07-01' }, '/method'],
  ['policy.cancelled', { effectiveDate: '2027-07-01', reason: 'rewrite', method: 'pro_rata' }, '/effectiveDate'],
  ['policy.reinstated', { effectiveDate: '2025-07-01', lapse: true }, 'policy_not_cancelled'],
  ['policy.renewed', { effectiveDate: '2025-07-01', expirationDate: '2026-07-01', charges }, '/effectiveDate'],
] as const)('a wrong %s is a dead letter that says what is wrong: %j', async (type, data, wanted) => {
  const { told, transactions } = await world();
  const wrong = told(type, { transactionId: newId(), ...data });
  await billing.publish(wrong);
  expect((await letterAbout(wrong.id)).reason).toContain(wanted);
  expect(await transactions()).toHaveLength(1);
});

it('of a policy that nobody issued here it is a dead letter', async () => {
  const { told } = await world();
  const lost = told('policy.reinstated', {
    ...{ policyLocator: newId(), transactionId: newId() },
    effectiveDate: '2025-07-01',
    lapse: true,
  });
  await billing.publish(lost);
  expect((await letterAbout(lost.id)).reason).toContain('unknown_policy');
});

describe('over HTTP', () => {
  const bad: [Record<string, unknown>, number, string[]][] = [
    [{}, 400, ['/type']],
    [{ type: 'endorsement' }, 400, ['/charges', '/effectiveDate']],
    [
      { type: 'endorsement', effectiveDate: '2025-07-01', charges: [{ category: 'premium', amount: '1.234' }] },
      400,
      ['/charges/0/amount'],
    ],
    [{ type: 'endorsement', effectiveDate: '2025-07-01', charges: more, annualised: more }, 400, ['/annualised']],
    [{ type: 'endorsement', effectiveDate: '2024-07-01', charges: more }, 422, ['/effectiveDate']],
    [
      { type: 'cancellation', effectiveDate: '2025-07-01', lapse: true, method: 'half' },
      400,
      ['/lapse', '/method', '/reason'],
    ],
    [{ type: 'cancellation', effectiveDate: '2025-07-01', reason: 'flat', method: 'flat' }, 422, ['/effectiveDate']],
    [{ type: 'invalidation', transactionId: newId() }, 422, ['/transactionId']],
    [
      { type: 'renewal', effectiveDate: '2026-01-01', expirationDate: '2025-01-01', charges: more },
      400,
      ['/expirationDate'],
    ],
    [{ type: 'endorsement', effectiveDate: '2025-07-01', charges: more, policyVersion: 7 }, 409, ['/policyVersion']],
    [
      { type: 'endorsement', effectiveDate: '2025-07-01', annualised: null, policyVersion: null },
      400,
      ['/annualised', '/policyVersion'],
    ],
    [
      { ...renewal, charges: [{ ...more[0], code: null, handling: null }], plan: null, carryForward: null },
      400,
      ['/carryForward', '/charges/0/code', '/charges/0/handling', '/plan'],
    ],
    [
      { type: 'cancellation', effectiveDate: '2025-07-01', reason: 'rewrite', method: 'flat', minimumEarnedRate: null },
      400,
      ['/minimumEarnedRate'],
    ],
  ];

  it.each(bad)('%j is %i and names %j, and nothing is stored', async (body, status, pointers) => {
    const { api, policy, transactions } = await world();
    const answer = await api.post<Refused>(`/policies/${policy.locator}/transactions`, body);
    const named = [...new Set((answer.body.errors ?? []).map(({ pointer }) => pointer))].toSorted();
    expect([answer.status, named]).toEqual([status, pointers]);
    expect(await transactions()).toHaveLength(1);
  });

  it('a null in a change of plan is 400 and names the field, and so it is in a policy', async () => {
    const { api, policy, transactions } = await world();
    const body = { plan: 'full-pay', scope: null, policyVersion: null };
    const named = ({ body: { errors = [] } }: { body: Refused }) =>
      [...new Set(errors.map(({ pointer }) => pointer))].toSorted();
    const changed = await api.send<Refused>('PUT', `/policies/${policy.locator}/plan`, { body });
    expect([changed.status, named(changed)]).toEqual([400, ['/policyVersion', '/scope']]);
    expect(await transactions()).toHaveLength(1);
    const issued = await api.post<Refused>('/policies', { billingMethod: null, dueDay: null });
    expect(named(issued)).toEqual(expect.arrayContaining(['/billingMethod', '/dueDay']));
  });

  it('S-57: paid premium carries a policy as far as it earns', async () => {
    const { api, policy } = await world();
    const { body } = await api.get(`/policies/${policy.locator}/equity`);
    expect(body).toMatchObject({
      paidPremium: '0.00',
      earnedPremium: '595.07',
      equity: '-595.07',
      equityDate: '2025-01-01',
    });
  });
});
