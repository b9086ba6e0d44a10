import { randomUUID } from 'node:crypto';
import { policyBody } from '../../../tools/demo/first-month.ts';
import { apiOf, asAdministrator, callerOf, pathOf, stack } from './stack.ts';
import type { Tenant } from './stack.ts';

const { idle, second } = stack;

interface ProblemDocument {
  status: number;
  code: string;
  errors?: { pointer?: string; detail: string }[];
}

const policy = () => ({ ...policyBody('PH-1', '2026-01-01', 'pm'), currency: 'EUR' });
const { plan: _plan, ...terms } = policy();

/** A body of each route that is taken as it is; what a case sends differs from it in what its name says. */
const valid: Readonly<Record<string, Record<string, unknown>>> = {
  '/payments': { amount: '12.34', amountCurrency: 'EUR' },
  '/payment-methods': { token: 'tok_visa', policyholderLocator: 'PH-1' },
  '/policies': policy(),
  '/schedules/preview': terms,
  '/plans': { name: 'two-payments', label: 'Two payments', cadence: { type: 'monthly' }, count: 2 },
  '/x/partners/{partner_id}/quotes': {
    currency: 'EUR',
    quotes: [{ policy_start_date: '2026-01-01', policy_end_date: '2027-01-01', premium: '280.00' }],
  },
  '/webhook-endpoints': { url: 'http://127.0.0.1:9/hook' },
  '/test-clocks/advance': { days: 1 },
};
const paths = Object.keys(valid);

const postAs = <T>(tenant: Tenant, path: string, body: unknown, headers?: Record<string, string>) =>
  callerOf(path, tenant).post<T>(pathOf(path, tenant, ''), body, headers);

const post = (path: string, body: unknown, headers?: Record<string, string>) =>
  postAs<ProblemDocument>(idle, path, body, headers);

const pointers = ({ errors = [] }: ProblemDocument) => [...new Set(errors.map(({ pointer }) => pointer))].toSorted();

/** Rows of a tenant in every table of every service but the gateway's own. */
const rowsOf = (tenantId: string) =>
  asAdministrator(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'tenant_id'
          AND c.relnamespace::regnamespace::text = ANY($1)`,
      [['payments', 'billing', 'reconciliation', 'webhooks']],
    );
    const counting = tables.map(
      ({ name }) => `SELECT '${name}' AS name, count(*)::int AS n FROM ${name} WHERE tenant_id = $1`,
    );
    const { rows } = await client.query<{ name: string; n: number }>(counting.join(' UNION ALL '), [tenantId]);
    return Object.fromEntries(rows.filter(({ n }) => n > 0).map(({ name, n }) => [name, n]));
  });

afterEach(async () => {
  expect(await rowsOf(idle.id)).toEqual({});
});

describe('several problems at once, each with its place', () => {
  it.each([
    [
      '/payments',
      { amount: 'ten', amountCurrency: 'euro', policyLocator: '', capture: 'yes', surprise: 1 },
      ['/amount', '/amountCurrency', '/capture', '/policyLocator', '/surprise'],
    ],
    [
      '/payments',
      { method: 'gold', receivedDate: '2026-02-30', fieldValues: { a: 'b' } },
      ['/amount', '/fieldValues', '/method', '/receivedDate'],
    ],
    ['/payments', { amount: '1.234', amountCurrency: 'EUR', surprise: 1 }, ['/amount', '/surprise']],
    ['/payment-methods', { token: 7, surprise: 1 }, ['/policyholderLocator', '/surprise', '/token']],
    [
      '/policies',
      {
        ...policy(),
        timeZone: 'Mars/Base',
        plan: 'No Plan',
        expirationDate: '2025-01-01',
        surprise: 1,
        charges: [
          { category: 'premium', amount: '280.001' },
          { category: 'luck', amount: -1, surprise: 1 },
        ],
      },
      [
        '/charges/0/amount',
        '/charges/1/amount',
        '/charges/1/category',
        '/charges/1/surprise',
        '/expirationDate',
        '/plan',
        '/surprise',
        '/timeZone',
      ],
    ],
    [
      '/schedules/preview',
      { ...terms, currency: 'XXL', effectiveDate: '01/02/2026', charges: [] },
      ['/charges', '/currency', '/effectiveDate'],
    ],
    [
      '/plans',
      {
        ...{ name: 'full-pay', cadence: { type: 'every_n_weeks' }, count: 0, surprise: 1 },
        ...{ instalmentFee: [{ currency: 'JPY', amount: '3.5' }], overrides: { renewal: { weights: [0] } } },
      },
      [
        ...['/cadence/weeks', '/count', '/instalmentFee/0/amount', '/label', '/name'],
        ...['/overrides/renewal/weights', '/surprise'],
      ],
    ],
    [
      '/x/partners/{partner_id}/quotes',
      {
        currency: 'EUR',
        surprise: 1,
        quotes: [
          { policy_start_date: '2026-01-01', policy_end_date: '2025-01-01', premium: '1.234', surprise: 1 },
          { policy_start_date: 'soon', policy_end_date: '2027-01-01', premium: 1, tax: { taxes: [{ amount: -1 }] } },
        ],
      },
      [
        ...['/quotes/0/policy_end_date', '/quotes/0/premium', '/quotes/0/surprise'],
        ...['/quotes/1/policy_start_date', '/quotes/1/tax/taxes/0/amount', '/quotes/1/tax/taxes/0/code', '/surprise'],
      ],
    ],
    [
      '/webhook-endpoints',
      { url: '/hook', eventTypes: [7], description: {}, surprise: 1 },
      ['/description', '/eventTypes', '/surprise', '/url'],
    ],
    ['/test-clocks/advance', { days: 1.5, surprise: 1 }, ['/days', '/surprise']],
    ['/test-clocks/advance', { to: 'tomorrow', surprise: 1 }, ['/surprise', '/to']],
  ])('POST %s', async (path, body, wanted) => {
    const answer = await post(path, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(pointers(answer.body)).toEqual(wanted);
  });
});

describe('an amount that is none', () => {
  const amounts: [string, unknown][] = [
    ['a word', 'ten'],
    ['NaN', 'NaN'],
    ['a truth', true],
    ['nothing', null],
    ['a list', ['1.00']],
    ['too many decimals', '1.234'],
    ['too many decimals as a number', 1.234],
    ['below zero', -1],
    ['2^53 minor units', '90071992547409.92'],
    ['an exponent', '1e2'],
    ['infinity', '1e999'],
  ];

  it.each(amounts)('%s, in a payment', async (_what, amount) => {
    const { status, body } = await post('/payments', { ...valid['/payments'], amount });
    expect([status, pointers(body)]).toEqual([400, ['/amount']]);
  });

  it.each(amounts)('%s, in a charge', async (_what, amount) => {
    const charges = [
      { category: 'premium', amount: '280.00' },
      { category: 'tax', amount },
    ];
    for (const path of ['/policies', '/schedules/preview']) {
      const { status, body } = await post(path, { ...valid[path], charges });
      expect([path, status, pointers(body)]).toEqual([path, 400, ['/charges/1/amount']]);
    }
  });

  it.each(amounts)('%s, in a quote', async (_what, premium) => {
    const quotes = [{ policy_start_date: '2026-01-01', policy_end_date: '2027-01-01', premium }];
    const { status, body } = await post('/x/partners/{partner_id}/quotes', { currency: 'EUR', quotes });
    expect([status, pointers(body)]).toEqual([400, ['/quotes/0/premium']]);
  });

  it('zero, in a payment', async () => {
    const { status, body } = await post('/payments', { ...valid['/payments'], amount: 0 });
    expect([status, pointers(body)]).toEqual([400, ['/amount']]);
  });

  it.each(['90071992547409.93', '9007199254740993.01', '1.0000000000000001'])(
    'the number %s, of which a double would make another',
    async (amount) => {
      const { status, body } = await post('/payments', `{"amount": ${amount}, "amountCurrency": "EUR"}`);
      expect([status, pointers(body)]).toEqual([400, ['/amount']]);
    },
  );
});

describe.each(paths)('POST %s', (path) => {
  const text = JSON.stringify(valid[path]);

  it('names an unknown field', async () => {
    const { status, body } = await post(path, { ...valid[path], surprise: 'x' });
    expect([status, body.code, pointers(body)]).toEqual([400, 'invalid_request', ['/surprise']]);
  });

  it.each([
    ['half of it', text.slice(0, -3)],
    ['a number that JSON does not have', '{"amount": NaN}'],
    ['a key that reaches into the prototype', text.replace('{', '{"__proto__": {"isAdmin": true}, ')],
    ['a constructor', text.replace('{', '{"constructor": {"prototype": {"isAdmin": true}}, ')],
    ['nesting', `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`],
  ])('refuses malformed JSON: %s', async (_what, body) => {
    const answer = await post(path, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed_json']);
  });

  it.each(['[]', '"text"', '7', 'null'])('refuses a body that is no object: %s', async (body) => {
    const answer = await post(path, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  });

  it('refuses characters that cannot be stored', async () => {
    const [field] = Object.keys(valid[path]!) as [string];
    const { status, body } = await post(path, { ...valid[path], [field]: 'a\0b' });
    expect([status, pointers(body)]).toEqual([400, [`/${field}`]]);
  });

  it('refuses a body of more than a megabyte, and another media type', async () => {
    const huge = await post(path, { ...valid[path], surprise: 'x'.repeat(1024 * 1024) });
    expect([huge.status, huge.body.code]).toEqual([413, 'payload_too_large']);
    const other = await post(path, text, { 'content-type': 'text/plain' });
    expect([other.status, other.body.code]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('an Idempotency-Key', () => {
  const stored = { '/payments': 'amount', '/payment-methods': 'policyholderLocator', '/policies': 'policyNumber' };

  it.each(Object.entries({ ...stored, '/webhook-endpoints': 'url' }))(
    'POST %s: the same request again gets the first answer, another one 422, and there is one of it',
    async (path, field) => {
      const send = (body: unknown) =>
        apiOf(second).post<Record<string, unknown>>(path, body, { 'idempotency-key': key });
      const [key, body] = [randomUUID(), valid[path]!];
      const before = await rowsOf(second.id);
      const first = await send(body);
      const once = await rowsOf(second.id);
      const again = await send(body);
      const other = await send({ ...body, [field]: field === 'amount' ? '43.21' : `${String(body[field])}0` });
      expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
      expect(again.body['id'] ?? again.body['locator']).toBe(first.body['id'] ?? first.body['locator']);
      expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused']);
      const table = { '/payments': 'payments.payments', '/payment-methods': 'payments.payment_methods' }[path];
      const name = table ?? { '/policies': 'billing.policies', '/webhook-endpoints': 'webhooks.endpoints' }[path]!;
      const after = await rowsOf(second.id);
      expect([once[name], after[name]]).toEqual([(before[name] ?? 0) + 1, (before[name] ?? 0) + 1]);
    },
  );

  it.each([['two\u00a0words'], ['a b'], ['"open'], ['x'.repeat(256)]])('%j is none', async (key) => {
    const { status, body } = await post('/payments', valid['/payments'], { 'idempotency-key': key });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  it('of a request that is refused is free for the next', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const refused = await apiOf(second).post('/payments', { amount: 'ten' }, key);
    const taken = await apiOf(second).post('/payments', valid['/payments'], key);
    expect([refused.status, taken.status]).toEqual([400, 201]);
  });
});

describe('a query', () => {
  it.each([
    ['/payments?surprise=1', 'surprise'],
    ['/payments?pageSize=0', 'pageSize'],
    ['/payments?pageSize=501', 'pageSize'],
    ['/payments?state=happy', 'state'],
    ['/payments?createdBeforeTimestamp=yesterday', 'createdBeforeTimestamp'],
    ['/payments?pagingToken=made-up', 'pagingToken'],
    ['/schedules?limit=many', 'limit'],
    ['/invoices?state=happy', 'state'],
    ['/journal-entries?cursor=made-up', 'cursor'],
    ['/webhook-deliveries?endpointId=1', 'endpointId'],
    ['/webhook-replays?state=lost', 'state'],
  ])('GET %s is refused by name', async (path, parameter) => {
    const { status, body } = await apiOf(idle).get<{ errors?: { parameter: string }[] }>(path);
    expect([status, (body.errors ?? []).map((error) => error.parameter)]).toEqual([400, [parameter]]);
  });
});

it('the bodies that the cases start from are taken', async () => {
  for (const path of paths) {
    const { status, body } = await postAs(second, path, valid[path]);
    const isActing = ['/schedules/preview', '/test-clocks/advance'].includes(path);
    expect([path, status, body]).toEqual([path, isActing ? 200 : 201, expect.anything()]);
  }
});
