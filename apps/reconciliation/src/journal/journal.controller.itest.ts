import { encodeCursor } from '@quittance/service-kit/http/page';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import { said, startReconciliation } from '../testing/harness.itest.ts';
import type { Page, Reconciliation } from '../testing/harness.itest.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

const routes = ['/journal-entries', '/trial-balance'];

describe('who asks', () => {
  it.each(routes)('GET %s answers 401 without a token', async (path) => {
    const answer = await new Api(ledger.service.url ?? '').get(path);
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it.each(routes)('GET %s answers 403 to a token without its scope', async (path) => {
    const api = await ledger.api(newId(), ['billing:read', 'payments:read', 'recon:write']);
    expect(await api.get(path)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('GET /journal-entries', () => {
  const tenantId = newId();
  let ids: string[];
  beforeAll(async () => {
    const locators = Array.from({ length: 5 }, newId);
    const posted = locators.map((locator) => said('payment.posted', { tenantId, subject: locator, data: { locator } }));
    await ledger.publish(...posted);
    ids = (await ledger.booked(tenantId, 5)).map(({ id }) => id);
  });
  const get = async (query: string) => (await ledger.api(tenantId)).get<Page>(`/journal-entries${query}`);

  it('is newest first', () => {
    expect(ids).toEqual([...ids].sort().reverse());
  });

  it('walks all entries once, page by page, also while new ones come', async () => {
    const first = await get('?limit=2');
    const late = newId();
    await ledger.publish(said('payment.posted', { tenantId, subject: late, data: { locator: late } }));
    await ledger.booked(tenantId, 6);
    const second = await get(`?limit=2&cursor=${first.body.nextCursor}`);
    const third = await get(`?limit=2&cursor=${second.body.nextCursor}`);
    const walked = [first, second, third].map(({ body }) => body.items.map(({ id }) => id));
    expect(walked).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    expect(third.body.nextCursor).toBeNull();
  });

  it('has no next page when the page is just full', async () => {
    const { body } = await get('?limit=6');
    expect(body.items).toHaveLength(6);
    expect(body.nextCursor).toBeNull();
  });

  it('keeps the filter over the pages', async () => {
    const [entry] = (await get('')).body.items;
    const filter = `paymentLocator=${entry!.source.id}`;
    expect((await get(`?limit=1&${filter}`)).body).toMatchObject({ items: [{ id: entry!.id }], nextCursor: null });
    expect((await get(`?${filter}&cursor=${encodeCursor(entry!.id)}`)).body).toEqual({ items: [], nextCursor: null });
  });

  it("shows nothing of another tenant's, by no filter and by no cursor", async () => {
    const other = await ledger.api(newId());
    const [entry] = (await get('')).body.items;
    for (const query of ['', `?paymentLocator=${entry!.source.id}`, `?cursor=${encodeCursor(newId())}`]) {
      expect((await other.get(`/journal-entries${query}`)).body).toEqual({ items: [], nextCursor: null });
    }
    expect((await other.get('/trial-balance')).body).toEqual({});
  });

  it.each([
    ['limit=501', ['limit']],
    ['limit=0', ['limit']],
    ['limit=ten', ['limit']],
    ['limit=1&limit=2', ['limit']],
    ['cursor=nonsense', ['cursor']],
    [`cursor=${encodeCursor('17')}`, ['cursor']],
    ['policyLocator=', ['policyLocator']],
    [`paymentLocator=${'x'.repeat(65)}`, ['paymentLocator']],
    ['colour=red', ['colour']],
    ['limit=501&colour=red&policyLocator=', ['colour', 'limit', 'policyLocator']],
  ])('answers 400 to ?%s and names what is wrong', async (query, parameters) => {
    const { status, body } = await (await ledger.api(tenantId)).get<any>(`/journal-entries?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
    const named = new Set<string>(body.errors.map(({ parameter }: { parameter: string }) => parameter));
    expect([...named].sort()).toEqual(parameters);
  });
});

describe('GET /trial-balance', () => {
  it('is empty where nothing is booked', async () => {
    expect(await (await ledger.api(newId())).get('/trial-balance')).toMatchObject({ status: 200, body: {} });
    expect((await (await ledger.api(newId())).get('/trial-balance')).body).toEqual({});
  });

  it('keeps currencies apart, each with its own decimals', async () => {
    const tenantId = newId();
    const amounts = [
      { amount: '25.67', amountMinor: 2567, currency: 'USD' },
      { amount: '2567', amountMinor: 2567, currency: 'JPY' },
      { amount: '2.567', amountMinor: 2567, currency: 'KWD' },
      { amount: '90071992547409.91', amountMinor: Number.MAX_SAFE_INTEGER, currency: 'EUR' },
    ];
    const events = amounts.map((amount) => {
      const locator = newId();
      return said('payment.posted', { tenantId, subject: locator, data: { locator, amount } });
    });
    await ledger.publish(...events);
    await ledger.booked(tenantId, 4);
    const { body } = await (await ledger.api(tenantId)).get<any>('/trial-balance');
    const clearing = Object.entries<any>(body).map(([currency, { accounts, total }]) => [
      currency,
      accounts[0].balance,
      total,
    ]);
    expect(clearing).toEqual([
      ['EUR', '90071992547409.91', '0.00'],
      ['JPY', '2567', '0'],
      ['KWD', '2.567', '0.000'],
      ['USD', '25.67', '0.00'],
    ]);
  });

  it('answers 400 to a parameter', async () => {
    const answer = await (await ledger.api(newId())).get('/trial-balance?currency=USD');
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ parameter: 'currency' }] },
    });
  });
});
