import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { startBilling } from '../testing/harness.itest.ts';
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
afterAll(() => billing.stop());

interface Answer {
  id: string;
  code: string;
  errors: { pointer: string; detail: string }[];
}
const paths = ['/delinquency-plans', '/delinquency-rules', '/fee-rules'];
const bodies: Record<string, Record<string, unknown>> = {
  '/delinquency-plans': { name: 'Default', currency: 'USD', effectiveFrom: '2025-01-01' },
  '/delinquency-rules': { effectiveFrom: '2025-01-01', noticeDays: 10, citation: 'Code 1', reviewedBy: 'Counsel' },
  '/fee-rules': { type: 'nsf_fee', currency: 'USD', effectiveFrom: '2025-01-01' },
};
const send = (path: string, said: object = {}) => api.post<Answer>(path, { ...bodies[path], ...said });

describe.each(paths)('%s', (path) => {
  it('stores a row with its defaults, lists it, and shows it to nobody else', async () => {
    const { status, body } = await send(path);
    expect({ status, body }).toMatchObject({ status: 201, body: bodies[path]! });
    const second = await send(path);
    expect((await api.get(`${path}?limit=1`)).body).toMatchObject({ items: [second.body] });
    expect((await api.get(path)).body).toEqual({ items: [second.body, body], nextCursor: null });
    expect((await (await billing.api(newId())).get(path)).body).toEqual({ items: [], nextCursor: null });
  });

  it('needs the scope to write', async () => {
    const reader = await billing.api(tenantId, ['billing:read']);
    expect((await reader.post(path, bodies[path])).status).toBe(403);
  });
});

it('a plan is as it was agreed on where nothing else is said', async () => {
  expect((await send('/delinquency-plans')).body).toEqual({
    ...{ id: expect.any(String) as string, name: 'Default', currency: 'USD', effectiveFrom: '2025-01-01' },
    ...{ level: 'policy', graceDays: 10, reminderDays: [], noticeAfterDays: 8, retryDays: [1, 3, 5, 7] },
    ...{ tolerance: '0.00', notTaken: 'flat_cancel', agency: 'refer', renoticesOnJoin: false, reinstatementDays: 30 },
  });
});

it.each([
  ['/delinquency-plans', { retryDays: [1, 8] }, '/retryDays'],
  ['/delinquency-plans', { retryDays: [], reminderDays: [5, 3] }, '/reminderDays'],
  ['/delinquency-plans', { graceMonths: 3 }, '/coveredMonths'],
  ['/delinquency-plans', { tolerance: '0.005' }, '/tolerance'],
  ['/delinquency-plans', { tolerance: '-1' }, '/tolerance'],
  ['/delinquency-plans', { effectiveTo: '2025-01-01' }, '/effectiveTo'],
  ['/delinquency-plans', { level: 'account' }, '/level'],
  ['/delinquency-rules', { reviewedBy: '' }, '/reviewedBy'],
  ['/delinquency-rules', { cureUntil: 'mailing' }, '/cureDays'],
  ['/delinquency-rules', { cureUntil: 'mailing', cureDays: null }, '/cureDays'],
  ['/delinquency-rules', { tenureToDays: null }, '/tenureToDays'],
  ['/delinquency-plans', { graceMonths: null }, '/graceMonths'],
  ['/fee-rules', { cap: null }, '/cap'],
  ['/fee-rules', { line: null }, '/line'],
  ['/delinquency-rules', { holidays: ['2025-02-30'] }, '/holidays/0'],
  ['/delinquency-rules', { effectiveTime: '24:00' }, '/effectiveTime'],
  ['/delinquency-rules', { tenureFromDays: 61, tenureToDays: 60 }, '/tenureToDays'],
  ['/delinquency-rules', { noticeDays: 1.5 }, '/noticeDays'],
  ['/fee-rules', { amount: '25.001' }, '/amount'],
  ['/fee-rules', { cap: '-1.00' }, '/cap'],
  ['/fee-rules', { type: 'parking_fee' }, '/type'],
  ['/fee-rules', { colour: 'red' }, '/colour'],
])('%s %j is refused at %s, and nothing is stored', async (path, said, pointer) => {
  const { status, body } = await send(path, said);
  expect([status, new Set(body.errors?.map((error) => error.pointer))]).toEqual([400, new Set([pointer])]);
  expect((await api.get(path)).body).toEqual({ items: [], nextCursor: null });
});

it('the shipped rules are examples, and in force nowhere', async () => {
  const { body } = await api.get<{ items: { id: string; example: boolean; reviewedBy?: string }[] }>(
    '/delinquency-rules?example=true',
  );
  expect(body.items.map(({ id }) => id)).toContain('us-ny-commercial');
  expect(body.items.every(({ example, reviewedBy }) => example && reviewedBy === undefined)).toBe(true);
  expect((await api.get('/delinquency-rules')).body).toEqual({ items: [], nextCursor: null });
});
