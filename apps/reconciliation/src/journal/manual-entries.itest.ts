import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startReconciliation } from '../testing/harness.itest.ts';
import type { Entry, Page, Reconciliation } from '../testing/harness.itest.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

const all = ['recon:read', 'recon:write'];
type Booked = Entry & { originalEffectiveDate?: string; description?: string; bookedBy?: string };
const send = async <T = any>(tenantId: string, method: string, path: string, body?: unknown, scopes = all) =>
  (await ledger.api(tenantId, scopes)).send<T>(method, path, {
    body,
    ...(method === 'POST' ? { headers: { 'idempotency-key': randomUUID() } } : {}),
  });
const get = async <T = any>(tenantId: string, path: string) => (await send<T>(tenantId, 'GET', path)).body;

const fee = (over: Record<string, unknown> = {}) => ({
  description: 'Fee of the bank, March',
  currency: 'USD',
  effectiveDate: '2025-03-04',
  lines: [
    { account: '5125', debit: '12.30', party: 'BANK-1' },
    { role: 'operating_cash', credit: '12.30', invoiceLocator: 'INV-1' },
  ],
  ...over,
});
const book = async (tenantId: string, over: Record<string, unknown> = {}) => {
  const { status, body } = await send<Booked>(tenantId, 'POST', '/journal-entries', fee(over));
  expect({ status, body }).toMatchObject({ status: 201 });
  return body;
};

describe('POST /journal-entries', () => {
  it('books by account or role, says so as an event, and reads back the same', async () => {
    const tenantId = newId();
    const entry = await book(tenantId);
    expect(entry).toMatchObject({
      ...{ kind: 'manual_entry', source: { type: 'manual', id: entry.id }, effectiveDate: '2025-03-04' },
      description: 'Fee of the bank, March',
      lines: [
        { account: '5125', debit: '12.30', credit: '0.00', currency: 'USD', party: 'BANK-1' },
        { account: '1010', debit: '0.00', credit: '12.30', currency: 'USD', invoiceLocator: 'INV-1' },
      ],
    });
    expect(entry.bookedBy).toEqual(expect.any(String));
    expect(await get(tenantId, `/journal-entries/${entry.id}`)).toEqual(entry);
    expect((await ledger.eventsOf(entry.id)).map(({ type }) => type)).toEqual(['journal_entry.posted']);
  });

  it('with the same key books once', async () => {
    const tenantId = newId();
    const api = await ledger.api(tenantId, all);
    const key = { 'idempotency-key': randomUUID() };
    const [first, second] = [
      await api.post<Booked>('/journal-entries', fee(), key),
      await api.post<Booked>('/journal-entries', fee(), key),
    ];
    expect(second.body).toEqual(first.body);
    expect(await ledger.entries(tenantId)).toHaveLength(1);
    expect((await api.post<any>('/journal-entries', fee())).body.code).toBe('idempotency_key_required');
  });

  const [debit, credit] = fee().lines;
  it.each<[string, Record<string, unknown>, number, string, string[]]>([
    ['not balanced', { lines: [debit, { ...credit, credit: '12.31' }] }, 422, 'entry_unbalanced', []],
    ['of one line', { lines: [debit] }, 400, 'invalid_request', ['/lines']],
    ['of 101 lines', { lines: Array.from({ length: 101 }, () => debit) }, 400, 'invalid_request', ['/lines']],
    ['of nothing', { lines: [debit, { ...credit, credit: '0' }] }, 400, 'invalid_request', ['/lines/1/credit']],
    ['of half a cent', { lines: [debit, { ...credit, credit: '0.005' }] }, 400, 'invalid_request', ['/lines/1/credit']],
    [
      'with both or neither of what it needs one of',
      { lines: [{ ...debit, role: 'operating_cash', credit: '1' }, {}] },
      400,
      'invalid_request',
      ['/lines/0/account', '/lines/0/debit', '/lines/1/account', '/lines/1/debit'],
    ],
    [
      'on accounts that are none',
      {
        lines: [
          { ...debit, account: '9999' },
          { ...credit, role: 'piggy_bank' },
        ],
      },
      422,
      'account_not_defined',
      ['/lines/0/account', '/lines/1/role'],
    ],
    [
      'in no currency, on no day',
      { currency: 'XXX', effectiveDate: '2025-02-30' },
      400,
      'invalid_request',
      ['/currency', '/effectiveDate'],
    ],
    ['without a reason', { description: '' }, 400, 'invalid_request', ['/description']],
  ])('refuses one %s, and stores nothing', async (_what, over, status, code, pointers) => {
    const tenantId = newId();
    const answer = await send(tenantId, 'POST', '/journal-entries', fee(over));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((answer.body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers);
    expect(await ledger.entries(tenantId)).toEqual([]);
    expect(await ledger.sql('SELECT FROM accounts WHERE tenant_id = $1', [tenantId])).toEqual([]);
  });

  it.each(['/journal-entries', `/journal-entries/${newId()}/reverse`, '/periods/2025-01/close'])(
    'POST %s answers 403 to who may only read',
    async (path) => {
      expect(await send(newId(), 'POST', path, {}, ['recon:read'])).toMatchObject({ status: 403 });
    },
  );
});

describe('what was booked is found', () => {
  const tenantId = newId();
  const byMonth: Booked[] = [];
  beforeAll(async () => {
    for (const month of ['01', '02', '03']) byMonth.push(await book(tenantId, { effectiveDate: `2025-${month}-10` }));
    await book(tenantId, {
      effectiveDate: '2025-03-11',
      lines: [
        { role: 'clearing_ach', debit: '5', policyLocator: 'POL-1', party: 'PH-1' },
        { role: 'unapplied_cash', credit: '5', policyLocator: 'POL-1', party: 'PH-1' },
      ],
    });
  });

  it.each<[string, number]>([
    ['account=5125', 3],
    ['account=1110', 1],
    ['account=1200', 0],
    ['from=2025-02-10', 3],
    ['to=2025-02-10', 2],
    ['from=2025-02-01&to=2025-02-28&account=1010', 1],
    ['policyLocator=POL-1', 1],
  ])('GET /journal-entries?%s: %i entries', async (query, count) => {
    expect((await get<Page>(tenantId, `/journal-entries?${query}`)).items).toHaveLength(count);
  });

  it('GET /journal-entries?source= finds the one', async () => {
    const { type, id } = byMonth[1]!.source;
    const { items } = await get<Page>(tenantId, `/journal-entries?source=${type}:${id}`);
    expect(items.map((entry) => entry.id)).toEqual([byMonth[1]!.id]);
  });

  const balance = (account: string, debit: string, credit: string, over = '') => ({
    ...{ account, currency: 'USD', debit, credit, balance: over },
  });
  it.each([
    ['/accounts/5125/balance', [balance('5125', '36.90', '0.00', '36.90')]],
    ['/accounts/5125/balance?at=2025-02-10', [balance('5125', '24.60', '0.00', '24.60')]],
    ['/accounts/5125/balance?at=2025-01-09', []],
    ['/accounts/5125/balance?at=2025-02-10&basis=posted', []],
    ['/accounts/1200/balance', []],
    ['/balances?policy=POL-1&role=clearing_ach', [balance('1110', '5.00', '0.00', '5.00')]],
    ['/balances?party=PH-1', [balance('1110', '5.00', '0.00', '5.00'), balance('2100', '0.00', '5.00', '-5.00')]],
    ['/balances?party=BANK-1&policy=POL-1', []],
    ['/balances?invoice=INV-1', [balance('1010', '0.00', '36.90', '-36.90')]],
  ])('GET %s', async (path, items) => {
    expect(await get(tenantId, path)).toEqual({ items });
    expect(await get(newId(), path)).toEqual({ items: [] });
  });

  it('GET /accounts is the chart, before anything is booked too', async () => {
    const chart = await get<{ items: { code: string; role: string }[] }>(tenantId, '/accounts');
    expect(chart.items).toContainEqual({ code: '1200', role: 'premium_receivable', type: 'asset' });
    expect(await get(newId(), '/accounts')).toEqual(chart);
    expect(await send(tenantId, 'GET', '/accounts/9999/balance')).toMatchObject({ status: 404 });
  });

  it.each([
    ['/balances', ['policy', 'invoice', 'party']],
    ['/balances?role=clearing_card', ['policy', 'invoice', 'party']],
    ['/trial-balance?at=2025-02-30', ['at']],
    ['/accounts/1200/balance?basis=booked', ['basis']],
    ['/journal-entries?account=cash&source=payment&from=x&to=2025-13-01', ['account', 'from', 'source', 'to']],
  ])('GET %s answers 400 and names what is wrong', async (path, parameters) => {
    const { status, body } = await send(tenantId, 'GET', path);
    expect(status).toBe(400);
    expect(body.errors.map(({ parameter }: { parameter: string }) => parameter).sort()).toEqual(parameters.sort());
  });
});

describe('POST /periods/{month}/close', () => {
  const close = (tenantId: string, month: string, body = {}) => send(tenantId, 'POST', `/periods/${month}/close`, body);

  it('follows a soft close, and no month is closed twice or for another tenant', async () => {
    const tenantId = newId();
    const answers = [
      await close(tenantId, '2025-02', { soft: true }),
      await close(tenantId, '2025-02', { soft: true }),
      await close(tenantId, '2025-02'),
      await close(tenantId, '2025-01'),
    ];
    expect(answers.map(({ status, body }) => [status, body.state ?? body.code])).toEqual([
      [200, 'soft_closed'],
      [409, 'period_closed'],
      [200, 'closed'],
      [409, 'period_closed'],
    ]);
    expect(await get(newId(), '/periods')).toEqual({ items: [], nextCursor: null });
  });

  it('waits for who books, and who books then waits for it: no entry slips in behind the close', async () => {
    const tenantId = newId();
    await book(tenantId, { effectiveDate: '2025-01-10' });
    // Another request that has begun to book and is not through.
    const slow = new pg.Client({ connectionString: ledger.database.workerUrl });
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended('periods ' || $1::text, 0))`, [tenantId]);
    const waiting = (count: number) =>
      eventually(async () => {
        const [row] = await ledger.sql<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        return row!.n === count ? row : undefined;
      });
    const closing = close(tenantId, '2025-01');
    await waiting(1);
    const late = book(tenantId, { effectiveDate: '2025-01-31' });
    await waiting(2);
    expect((await get(tenantId, '/periods')).items[0]?.state).not.toBe('closed');
    await slow.query('COMMIT');
    await slow.end();
    expect((await closing).status).toBe(200);
    expect(await late).toMatchObject({ effectiveDate: '2025-02-01', originalEffectiveDate: '2025-01-31' });
  });
});
