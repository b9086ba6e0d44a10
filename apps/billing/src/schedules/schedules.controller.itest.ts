import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { issue, policyBody, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(tenantId);
});
afterAll(() => billing.stop());

interface Page {
  items: { id: string; policyLocator: string; state: string }[];
  nextCursor: string | null;
}
interface Problem {
  code: string;
  errors: { pointer?: string; parameter?: string }[];
}
const without = (body: Record<string, unknown>, name: string) =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));

describe('POST /schedules/preview', () => {
  it('answers the schedule that an issue would make, and stores nothing', async () => {
    const body = policyBody();
    const preview = await api.post<{ instalments: object[] }>('/schedules/preview', body);
    expect(preview).toMatchObject({ status: 200, body: { plan: '1year-monthly', total: '308.00', currency: 'USD' } });
    expect(preview.body.instalments).toHaveLength(12);
    expect(preview.body.instalments[0]).toEqual({
      ...{ number: 1, source: 'plan', dueOn: body['effectiveDate'], originalDueOn: body['effectiveDate'] },
      ...{ generateOn: body['effectiveDate'], autopayOn: body['effectiveDate'] },
      ...{ periodStart: body['effectiveDate'], periodEnd: expect.any(String) as string },
      ...{ amount: '25.67', balance: '25.67', state: 'scheduled', pastDue: false },
      lines: [
        { category: 'premium', amount: '23.34' },
        { category: 'tax', code: 'IPT', amount: '2.33' },
      ],
    });
    expect(await billing.sql('SELECT 1 FROM policies WHERE tenant_id = $1', [tenantId])).toEqual([]);
    expect(await billing.eventsOf(tenantId)).toEqual([]);
  });

  it('without a plan answers the plans that could be had, with their first amounts', async () => {
    const { status, body } = await api.post<{ plans: object[] }>('/schedules/preview', without(policyBody(), 'plan'));
    expect(status).toBe(200);
    expect(body.plans).toEqual([
      offer('full-pay', 'Full pay', 1, '308.00'),
      offer('1year-monthly', '1Year-Monthly', 12, '25.67'),
      offer('1year-quarterly', '1Year-Quarterly', 4, '77.00'),
      offer('20-down-9-monthly', '20 % down, 9 monthly', 10, '61.60'),
      offer('1year-semiannual', '1Year-Semiannual', 2, '154.00'),
      offer('1year-weekly', '1Year-Weekly', 52, '5.93'),
    ]);
  });

  it('offers only what fits the term', async () => {
    const said = { effectiveDate: '2025-01-01', expirationDate: '2028-01-01' };
    const { body } = await api.post<{ plans: { plan: string }[] }>(
      '/schedules/preview',
      without(policyBody(said), 'plan'),
    );
    expect(body.plans.map(({ plan }) => plan)).toEqual(['full-pay']);
  });

  it('refuses what an issue would refuse', async () => {
    const bad = policyBody({ charges: [{ category: 'premium', amount: '1.001' }], plan: 'Weekly!' });
    const { status, body } = await api.post<Problem>('/schedules/preview', bad);
    expect([status, body.errors.map(({ pointer }) => pointer).sort()]).toEqual([400, ['/charges/0/amount', '/plan']]);
    expect(await api.post('/schedules/preview', policyBody({ plan: 'weekly' }))).toMatchObject({
      status: 400,
      body: { code: 'invalid_policy', errors: [{ pointer: '/plan' }] },
    });
    const long = policyBody({ effectiveDate: '2025-01-01', expirationDate: '2028-01-01' });
    expect(await api.post('/schedules/preview', long)).toMatchObject({
      status: 422,
      body: { code: 'plan_not_eligible' },
    });
  });
});

const offer = (plan: string, label: string, instalmentCount: number, firstInstalmentAmount: string) => ({
  ...{ plan, label, instalmentCount, firstInstalmentAmount },
  planVersion: 1,
  total: '308.00',
});

describe('GET /schedules', () => {
  it('lists those of one policy, or all, newest first and page by page', async () => {
    const issued = [await issue(api), await issue(api), await issue(api)];
    const [one] = issued;
    const own = await api.get<Page>(`/schedules?policyLocator=${one?.policy.locator}`);
    expect(own.body).toMatchObject({
      items: [{ id: one?.policy.scheduleId, policyLocator: one?.policy.locator, state: 'active', paidThrough: null }],
      nextCursor: null,
    });
    const first = await api.get<Page>('/schedules?limit=2');
    const second = await api.get<Page>(`/schedules?limit=2&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(ids).toEqual(issued.map(({ policy }) => policy.scheduleId).toReversed());
    expect(second.body.nextCursor).toBeNull();
  });

  it('has nothing for a policy that does not exist, is no id, or is of another tenant', async () => {
    const { policy } = await issue(await billing.api(newId()));
    const pages = await Promise.all(
      [newId(), 'POL-9', policy.locator].map((locator) => api.get<Page>(`/schedules?policyLocator=${locator}`)),
    );
    expect(pages.map(({ status, body }) => ({ status, ...body }))).toEqual(
      Array.from({ length: 3 }, () => ({ status: 200, items: [], nextCursor: null })),
    );
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['cursor=abc', 'cursor'],
    ['colour=red', 'colour'],
  ])('refuses ?%s', async (query, parameter) => {
    const { status, body } = await api.get<Problem>(`/schedules?${query}`);
    expect([status, new Set(body.errors.map((error) => error.parameter))]).toEqual([400, new Set([parameter])]);
  });
});

describe('GET /schedules/{id}', () => {
  it('shows past due by the calendar of the policy', async () => {
    const { schedule } = await issue(api, { effectiveDate: '2025-01-01', expirationDate: '2026-01-01' });
    expect(schedule.instalments[0]).toMatchObject({ state: 'billed', pastDue: true });
  });

  it("is 404 for another tenant's, an unknown one and what is no id", async () => {
    const { policy } = await issue(await billing.api(newId()));
    const answers = await Promise.all([policy.scheduleId, newId(), '7'].map((id) => api.get(`/schedules/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});
