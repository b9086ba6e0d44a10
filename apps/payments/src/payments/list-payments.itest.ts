import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { paymentStates, seedState } from '../domain/payment-state.ts';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let api: Api;

interface Shown {
  locator: string;
  state: string;
  createdTimestamp: string;
  postedTimestamp?: string;
}
interface Page {
  payments: Shown[];
  pagingToken?: string;
}
const made: Shown[] = [];

beforeAll(async () => {
  payments = await startPayments();
  api = await payments.api(newId());
  const cash = { method: 'cash', receivedDate: '2026-01-14' };
  for (const body of [
    { policyLocator: 'p1', policyholderLocator: 'h1', invoiceLocator: 'i1', statementLocator: 's1' },
    { ...cash, policyLocator: 'p1', policyholderLocator: 'h2', merchantId: 'm1', locationId: 'l1' },
    { ...cash, policyLocator: 'p2', policyholderLocator: 'h1' },
    { token: 'tok_declined_stolen', capture: true, policyLocator: 'p2' },
    { token: 'tok_error_before', capture: true, policyLocator: 'p3' },
  ]) {
    made.push((await api.post<Shown>('/payments', { amount: 1, ...body })).body);
  }
  const { body: reversed } = await api.post<Shown>('/payments', { amount: 1, ...cash });
  made.push((await api.post<Shown>(`/payments/${reversed.locator}/reverse`)).body);
});
afterAll(() => payments.stop());

/** Which of the payments made above, newest first. */
const found = ({ payments: shown }: Page) =>
  shown.map(({ locator }) => made.findIndex((payment) => payment.locator === locator));
const list = async (query: string) => (await api.get<Page>(`/payments?${query}`)).body;

describe('GET /payments', () => {
  it('lists newest first and has no token when that is all', async () => {
    const page = await list('');
    expect(found(page)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(page).not.toHaveProperty('pagingToken');
  });

  it.each([
    ['policyLocator=p1', [1, 0]],
    ['policyholderLocator=h1', [2, 0]],
    ['invoiceLocator=i1', [0]],
    ['statementLocator=s1', [0]],
    ['merchantId=m1', [1]],
    ['locationId=l1', [1]],
    ['merchantId=m1&locationId=l2', []],
    ['state=draft', [0]],
    ['state=posted', [2, 1]],
    ['state=declined', [3]],
    ['state=ready', [4]],
    ['state=returned', [5]],
    ['state=discarded', []],
    ['state=posted&policyLocator=p2', [2]],
    ['policyLocator=nobody', []],
  ])('filters by %s', async (query, expected) => {
    expect(found(await list(query))).toEqual(expected);
  });

  it.each<[string, (iso: string) => string]>([
    ['RFC 3339', (iso) => encodeURIComponent(iso)],
    ['RFC 3339 with an offset', (iso) => encodeURIComponent(iso.replace('Z', '+00:00'))],
    ['epoch milliseconds', (iso) => String(new Date(iso).getTime())],
  ])('takes timestamps as %s, both exclusive', async (_name, write) => {
    const at = made[2]!;
    const earlier = made.filter(({ createdTimestamp }) => createdTimestamp < at.createdTimestamp).length;
    const before = await list(`createdBeforeTimestamp=${write(at.createdTimestamp)}`);
    expect(found(before)).toEqual(Array.from({ length: earlier }, (_, n) => earlier - 1 - n));
    const later = made.filter(({ postedTimestamp = '' }) => postedTimestamp > at.postedTimestamp!);
    const after = await list(`postedAfterTimestamp=${write(at.postedTimestamp!)}`);
    expect(after.payments.map(({ locator }) => locator).sort()).toEqual(later.map(({ locator }) => locator).sort());
    expect(found(after)).not.toContain(2);
  });

  it.each(['0', '1', '999999999999999', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    'takes an instant that is far away: %s',
    async (instant) => {
      const isLater = instant.startsWith('9');
      const [before, after] = [`createdBeforeTimestamp=${instant}`, `postedAfterTimestamp=${instant}`];
      expect((await list(before)).payments).toHaveLength(isLater ? made.length : 0);
      expect((await list(after)).payments).toHaveLength(isLater ? 0 : 3);
    },
  );

  it('walks through all pages, each payment once', async () => {
    const seen: number[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const page = await list(`pageSize=4${token ? `&pagingToken=${token}` : ''}`);
      seen.push(...found(page));
      token = page.pagingToken;
      pages += 1;
    } while (token);
    expect([pages, seen]).toEqual([2, [5, 4, 3, 2, 1, 0]]);
  });

  it('lists what was posted after an instant by its posting, page by page', async () => {
    const own = await payments.api(newId());
    const amounts = ({ payments: shown }: Page) => shown.map((payment) => (payment as { amount?: number }).amount);
    for (const amount of [1, 2, 3, 4]) {
      const { body } = await own.post<Shown>('/payments', { amount, method: 'cash', receivedDate: '2026-01-14' });
      // The first two were posted last, at one moment.
      const postedAt = amount < 3 ? '2026-02-03T12:00:00Z' : `2026-02-0${amount - 2}T12:00:00Z`;
      await payments.sql('UPDATE payments SET posted_at = $2 WHERE id = $1', [body.locator, postedAt]);
    }
    const query = `/payments?pageSize=2&postedAfterTimestamp=${Date.parse('2026-02-01T12:00:00Z')}`;
    const { body: first } = await own.get<Page>(query);
    const { body: last } = await own.get<Page>(`${query}&pagingToken=${first.pagingToken}`);
    expect([amounts(first), amounts(last), last.pagingToken]).toEqual([[2, 1], [4], undefined]);
  });

  it('finds every state by the one it is shown as', async () => {
    const own = await payments.api(newId());
    const shownAs = new Map<string, number[]>();
    for (const [n, state] of paymentStates.entries()) {
      const { body } = await own.post<Shown>('/payments', { amount: n + 1 });
      const dates = `posted_at = now(), effective_on = now(), authorised_at = now(), provider_ref = id, failure = '{}',
        returned_at = CASE WHEN $2 = 'returned' THEN now() END, reversed_at = CASE WHEN $2 = 'reversed' THEN now() END`;
      await payments.sql(`UPDATE payments SET state = $2, ${dates} WHERE id = $1`, [body.locator, state]);
      shownAs.set(seedState(state), [n + 1, ...(shownAs.get(seedState(state)) ?? [])]);
    }
    for (const [state, expected] of shownAs) {
      const { body } = await own.get<{ payments: { amount: number; state: string }[] }>(`/payments?state=${state}`);
      expect(body.payments.map(({ amount }) => amount)).toEqual(expected);
      expect(new Set(body.payments.map((payment) => payment.state))).toEqual(new Set([state]));
    }
  });

  it.each([
    ['state=processing', 'state'],
    ['state=nonsense', 'state'],
    ['pageSize=0', 'pageSize'],
    ['pageSize=501', 'pageSize'],
    ['pageSize=ten', 'pageSize'],
    ['pagingToken=nonsense', 'pagingToken'],
    ['createdBeforeTimestamp=yesterday', 'createdBeforeTimestamp'],
    ['postedAfterTimestamp=2026-01-14', 'postedAfterTimestamp'],
    ['colour=red', 'colour'],
  ])('400 for %s', async (query, parameter) => {
    const { status, body } = await api.get<{ errors: { parameter: string }[] }>(`/payments?${query}`);
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.parameter)).toContain(parameter);
  });
});
