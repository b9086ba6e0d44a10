import type { Api } from '@quittance/testing/api';
import { apiOf, stack } from './stack.ts';

/**
 * A client written against the printed payments API: its requests as they stand there, with no header of ours, and
 * every answer held to its list of fields.
 */
type Json = Record<string, unknown>;

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isTimestamp = (value: unknown) => isText(value) && !Number.isNaN(Date.parse(value as string));
const isMapOf = (value: unknown, fits: (item: unknown) => boolean) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(fits);
const isTextList = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');
const states = ['draft', 'ready', 'posted', 'declined', 'returned', 'discarded'];

const required: Record<string, (value: unknown) => boolean> = {
  locator: isText,
  displayId: isText,
  fieldValues: (value) => isMapOf(value, isTextList),
  amount: (value) => typeof value === 'number',
  mediaByLocator: (value) => isMapOf(value, (media) => typeof media === 'object'),
};
const optional: Record<string, (value: unknown) => boolean> = {
  policyholderLocator: isText,
  policyLocator: isText,
  state: (value) => states.includes(value as string),
  createdTimestamp: isTimestamp,
  updatedTimestamp: isTimestamp,
  postedTimestamp: isTimestamp,
  reversedTimestamp: isTimestamp,
  amountCurrency: (value) => isText(value) && (value as string).length === 3,
  invoiceLocator: isText,
};

/** What of an answer is not as printed. */
function faultsOf(payment: Json): string[] {
  const missing = Object.keys(required).filter((name) => !(name in payment));
  const wrong = Object.entries({ ...required, ...optional }).filter(
    ([name, fits]) => name in payment && !fits(payment[name]),
  );
  return [...missing.map((name) => `${name} is missing`), ...wrong.map(([name]) => `${name} is of another type`)];
}

let api: Api;

beforeAll(() => {
  api = apiOf(stack.second);
});

async function ask(method: string, path: string, body?: object): Promise<Json> {
  const answer = await api.send<Json>(method, path, body === undefined ? {} : { body });
  expect([method, path, answer.status]).toEqual([method, path, method === 'POST' && path === '/payments' ? 201 : 200]);
  return answer.body;
}
async function payment(method: string, path: string, body?: object): Promise<Json> {
  const answer = await ask(method, path, body);
  expect(faultsOf(answer)).toEqual([]);
  return answer;
}
async function list(query: string): Promise<{ payments: Json[]; pagingToken?: string }> {
  const page = (await ask('GET', `/payments?${query}`)) as { payments: Json[]; pagingToken?: string };
  expect(page.payments.flatMap(faultsOf)).toEqual([]);
  expect(['string', 'undefined']).toContain(typeof page.pagingToken);
  return page;
}
const locators = ({ payments }: { payments: Json[] }) => payments.map(({ locator }) => locator);

const run = `client-${Date.now()}`;
const created = {
  ...{ amount: 25.67, amountCurrency: 'EUR', policyLocator: run, policyholderLocator: `${run}-holder` },
  fieldValues: { channel: ['phone', 'agent'], note: [] },
};

describe('the printed payments API', () => {
  it('creates with what is required, and with everything that may be said', async () => {
    const least = await payment('POST', '/payments', { amount: 10 });
    expect(least).toMatchObject({ amount: 10, state: 'draft', amountCurrency: 'EUR', fieldValues: {} });
    const most = await payment('POST', '/payments', created);
    expect(most).toMatchObject({ ...created, state: 'draft' });
    expect(await payment('GET', `/payments/${String(most['locator'])}`)).toEqual(most);
  });

  it('changes by every action, and by an update', async () => {
    const { locator } = await payment('POST', '/payments', created);
    const path = `/payments/${String(locator)}`;
    for (const [action, state] of [
      ['ready', 'ready'],
      ['draft', 'draft'],
      ['ready', 'ready'],
      ['decline', 'declined'],
    ]) {
      expect(await payment('PATCH', path, { action })).toMatchObject({ locator, state });
    }
    const { locator: other } = await payment('POST', '/payments', created);
    const paymentUpdate = { amount: 30, policyLocator: `${run}-2`, fieldValues: { channel: ['web'] } };
    expect(await payment('PATCH', `/payments/${String(other)}`, { paymentUpdate })).toMatchObject(paymentUpdate);
    const both = { action: 'discard', paymentUpdate: { amount: 31 } };
    const discarded = await payment('PATCH', `/payments/${String(other)}`, both);
    expect(discarded).toMatchObject({ amount: 31, state: 'discarded' });
  });

  it('reverses with and without a reason, and returns', async () => {
    const post = () => payment('POST', '/payments', { ...created, method: 'check', receivedDate: '2025-01-14' });
    const posted = await post();
    expect(posted).toMatchObject({ state: 'posted', postedTimestamp: expect.any(String) as string });
    const reversed = await payment('POST', `/payments/${String(posted['locator'])}/reverse`);
    expect(reversed).toMatchObject({ state: 'returned', reversedTimestamp: expect.any(String) as string });
    const reason = { name: 'entered twice', details: 'the same cheque' };
    const { locator } = await post();
    expect((await payment('POST', `/payments/${String(locator)}/reverse`, reason))['state']).toBe('returned');
    const returned = await payment('PATCH', `/payments/${String((await post())['locator'])}`, { action: 'return' });
    expect(returned['state']).toBe('returned');
    expect(returned).not.toHaveProperty('reversedTimestamp');
  });

  it('says which actions are possible when one is not', async () => {
    const { locator } = await payment('POST', '/payments', { amount: 1 });
    const answer = await api.send<Json>('PATCH', `/payments/${String(locator)}`, { body: { action: 'return' } });
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', allowedActions: ['ready', 'discard'] },
    });
  });
});

describe('the printed list', () => {
  const policyLocator = `${run}-list`;
  const of = (rest: object = {}) => payment('POST', '/payments', { ...created, policyLocator, ...rest });
  let made: Json[];

  beforeAll(async () => {
    const offline = { method: 'cash', receivedDate: '2025-01-14' };
    made = [
      await of({ invoiceLocator: `${run}-inv` }),
      await of(offline),
      await of({ policyholderLocator: `${run}-h` }),
    ];
  });
  const newestFirst = (...of: number[]) => of.map((n) => made[n]?.['locator']);

  it('filters by each parameter', async () => {
    expect(locators(await list(`policyLocator=${policyLocator}`))).toEqual(newestFirst(2, 1, 0));
    expect(locators(await list(`invoiceLocator=${run}-inv`))).toEqual(newestFirst(0));
    expect(locators(await list(`policyholderLocator=${run}-h`))).toEqual(newestFirst(2));
    expect(locators(await list(`policyLocator=${policyLocator}&state=posted`))).toEqual(newestFirst(1));
    expect(locators(await list(`policyLocator=${policyLocator}&state=declined`))).toEqual([]);
  });

  it('takes timestamps both ways, without the moment itself', async () => {
    const createdAt = String(made[1]?.['createdTimestamp']);
    const postedAt = String(made[1]?.['postedTimestamp']);
    for (const write of [encodeURIComponent, (at: string) => String(Date.parse(at))]) {
      const before = await list(`policyLocator=${policyLocator}&createdBeforeTimestamp=${write(createdAt)}`);
      expect(locators(before)).toEqual(newestFirst(0));
      expect(locators(await list(`policyLocator=${policyLocator}&postedAfterTimestamp=${write(postedAt)}`))).toEqual(
        [],
      );
    }
    const earlier = Date.parse(postedAt) - 1;
    expect(locators(await list(`policyLocator=${policyLocator}&postedAfterTimestamp=${earlier}`))).toEqual(
      newestFirst(1),
    );
  });

  it('has pages', async () => {
    const first = await list(`policyLocator=${policyLocator}&pageSize=2`);
    const last = await list(`policyLocator=${policyLocator}&pageSize=2&pagingToken=${first.pagingToken}`);
    expect([...locators(first), ...locators(last)]).toEqual(newestFirst(2, 1, 0));
    expect(last.pagingToken).toBeUndefined();
  });
});
