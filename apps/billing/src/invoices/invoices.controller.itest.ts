import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(newId());
});
afterAll(() => billing.stop());

interface Page {
  invoices: { locator: string; displayId: string; state: string }[];
  pagingToken?: string;
}
interface Problem {
  code: string;
  errors: { parameter?: string }[];
}
const lastYear = { effectiveDate: '2024-03-01', expirationDate: '2025-03-01' };

describe('GET /invoices', () => {
  it('shows an invoice as it was issued', async () => {
    const { policy, schedule } = await issue(api);
    const { status, body } = await api.get<Page>(`/invoices?policyLocator=${policy.locator}`);
    const first = schedule.instalments[0]!;
    expect(status).toBe(200);
    expect(body).toEqual({
      invoices: [
        {
          ...{ locator: expect.any(String) as string, displayId: 'I-000001', type: 'instalment', state: 'open' },
          ...{ policyLocator: policy.locator, policyholderLocator: 'PH-1001', instalmentId: first.id, currency: 'USD' },
          ...{ issuedOn: first.dueOn, dueOn: first.dueOn, originalDueOn: first.dueOn, pastDue: false },
          ...{
            total: '25.67',
            allocated: '0.00',
            writtenOff: '0.00',
            balance: '25.67',
            disputed: '0.00',
            createdAt: expect.any(String) as string,
          },
          items: [
            { itemNo: 1, category: 'premium', amount: '23.34', balance: '23.34' },
            { itemNo: 2, category: 'tax', code: 'IPT', amount: '2.33', balance: '2.33' },
          ],
        },
      ],
    });
    const [listed] = body.invoices;
    expect((await api.get(`/invoices/${listed?.locator}`)).body).toEqual(listed);
  });

  it('is newest first, page by page, without a token on the last page', async () => {
    const { policy } = await issue(api, lastYear);
    const path = `/invoices?policyLocator=${policy.locator}&pageSize=5`;
    const numbers: string[] = [];
    let page = await api.get<Page>(path);
    for (
      ;
      page.body.pagingToken !== undefined;
      page = await api.get<Page>(`${path}&pagingToken=${page.body.pagingToken}`)
    ) {
      numbers.push(...page.body.invoices.map(({ displayId }) => displayId));
    }
    numbers.push(...page.body.invoices.map(({ displayId }) => displayId));
    expect(page.body.invoices).toHaveLength(2);
    expect(numbers).toHaveLength(12);
    expect(numbers).toEqual(numbers.toSorted().toReversed());
  });

  it('filters by state', async () => {
    const { policy } = await issue(api);
    const of = async (state: string) =>
      (await api.get<Page>(`/invoices?policyLocator=${policy.locator}&state=${state}`)).body.invoices.length;
    expect([await of('open'), await of('paid')]).toEqual([1, 0]);
  });

  it.each([
    ['state=lost', 'state'],
    ['pageSize=501', 'pageSize'],
    ['pagingToken=%20', 'pagingToken'],
    ['limit=5', 'limit'],
  ])('refuses ?%s', async (query, parameter) => {
    const { status, body } = await api.get<Problem>(`/invoices?${query}`);
    expect([status, new Set(body.errors.map((error) => error.parameter))]).toEqual([400, new Set([parameter])]);
  });

  it("has nothing of another tenant's, and 404 for each of them", async () => {
    const { policy } = await issue(api);
    const { body } = await api.get<Page>(`/invoices?policyLocator=${policy.locator}`);
    const stranger = await billing.api(newId());
    expect((await stranger.get(`/invoices?policyLocator=${policy.locator}`)).body).toEqual({ invoices: [] });
    const answers = await Promise.all(
      [body.invoices[0]?.locator, newId(), 'I-000001'].map((id) => stranger.get<Problem>(`/invoices/${id}`)),
    );
    expect(answers.map(({ status, body: { code } }) => [status, code])).toEqual(
      Array.from({ length: 3 }, () => [404, 'not_found']),
    );
  });

  it('needs the scope', async () => {
    const clock = await billing.api(newId(), ['admin:clock']);
    expect((await clock.get('/invoices')).status).toBe(403);
  });
});
