import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  api = await billing.api(newId());
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

interface Problem {
  code: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
}
interface Plan extends Record<string, unknown> {
  name: string;
  version: number;
}
const planBody = (said: Record<string, unknown> = {}) => ({
  ...{ name: 'monthly-on-choice', label: 'Monthly, on the day you choose', cadence: { type: 'monthly' } },
  ...said,
});
const places = ({ errors = [] }: Problem) => [...new Set(errors.map(({ pointer, parameter }) => pointer ?? parameter))];
const builtIn = [
  'full-pay',
  '1year-monthly',
  '1year-quarterly',
  '20-down-9-monthly',
  '1year-semiannual',
  '1year-weekly',
];
const fee = [{ currency: 'USD', amount: '3.00' }];

describe('POST /plans, 201', () => {
  it('makes the first version, with everything that was not said as it is by default', async () => {
    const { status, body } = await api.post<Plan>('/plans', planBody());
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        ...planBody(),
        ...{ version: 1, amountBasis: 'total', anchor: { mode: 'term_start' }, prorateStubs: false },
        ...{ remainderPolicy: 'spread_first', count: null, weights: [], downPayment: null, instalmentFee: null },
        ...{ generateLeadDays: 0, dueLeadDays: 0, autopayLeadDays: 0, blackoutDaysBeforeExpiry: 0 },
        ...{ minInstalment: null, overrides: {}, endorsementPolicy: 'spread', returnPolicy: 'reduce_spread' },
        ...{ jurisdictions: [], termMonthsMax: null, exemptCreditOnly: false, createdAt: expect.any(String) as string },
      },
    });
  });

  it('keeps all that is said, and answers it again', async () => {
    const said = {
      ...planBody({ name: 'everything', count: 10, weights: [3, 2] }),
      anchor: { mode: 'due_day_choice', days: [1, 15] },
      downPayment: { type: 'percent', percent: '16.67', includesFees: true },
      instalmentFee: [...fee, { currency: 'JPY', amount: '300' }],
      minInstalment: fee,
      ...{ generateLeadDays: 20, dueLeadDays: 5, autopayLeadDays: 2, blackoutDaysBeforeExpiry: 30 },
      overrides: {
        renewal: { downPayment: null, count: null, instalmentFee: null, weights: [], dueLeadDays: 10 },
        issue: { downPayment: { type: 'amount', amounts: fee, includesFees: false } },
      },
      ...{ endorsementPolicy: 'next', returnPolicy: 'reduce_last_first', jurisdictions: ['US-NY'], termMonthsMax: 12 },
    };
    const made = await api.post<Plan>('/plans', said);
    expect(made).toMatchObject({ status: 201, body: said });
    expect((await api.get<Plan>('/plans/everything')).body).toEqual(made.body);
  });

  it.each([
    ['weeks', { cadence: { type: 'every_n_weeks', weeks: 2 }, anchor: { mode: 'weekday', weekday: 'friday' } }],
    ['offsets', { cadence: { type: 'custom', unit: 'months', offsets: [0, 2, 5] } }],
    ['periods down', { downPayment: { type: 'periods', periods: 2, includesFees: false } }],
    [
      'a price per period',
      { amountBasis: 'per_period', prorateStubs: true, anchor: { mode: 'day_of_month', day: 31 } },
    ],
    ['an odd rule for odd cents', { remainderPolicy: 'last_absorbs' }],
    ['no fee, to be exempt', { exemptCreditOnly: true }],
  ])('keeps %s', async (_what, said) => {
    expect((await api.post('/plans', planBody(said))).status).toBe(201);
    expect((await api.get('/plans/monthly-on-choice')).body).toMatchObject(said);
  });

  it('makes the next version of a name that there is, and leaves the one before as it was', async () => {
    const first = await api.post<Plan>('/plans', planBody());
    const second = await api.post<Plan>('/plans', planBody({ instalmentFee: fee }));
    expect([first.body.version, second.body.version]).toEqual([1, 2]);
    expect((await api.get('/plans/monthly-on-choice')).body).toEqual(second.body);
    expect((await api.get('/plans/monthly-on-choice?version=1')).body).toEqual(first.body);
    const [stored] = await billing.sql<{ refused: string }>(
      `SELECT has_table_privilege('billing_app', 'plans', 'UPDATE') OR
              has_table_privilege('billing_worker', 'plans', 'DELETE') AS refused`,
    );
    expect(stored).toEqual({ refused: false });
  });

  it('counts versions without a gap, also at once', async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => api.post<Plan>('/plans', planBody())));
    expect(made.map(({ body }) => body.version).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('answers a repeated Idempotency-Key with the first version', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await api.post<Plan>('/plans', planBody(), headers);
    const again = await api.post<Plan>('/plans', planBody(), headers);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect((await api.get<Plan>('/plans/monthly-on-choice')).body.version).toBe(1);
  });
});

describe('POST /plans, refused', () => {
  const cadence = (said: object) => ({ cadence: { type: 'monthly', ...said } });
  const down = (said: object) => ({ downPayment: { type: 'percent', percent: 20, ...said } });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['no name', { name: undefined }, ['/name']],
    ['a name that is no slug', { name: 'Two Down' }, ['/name']],
    ['a name that is too long', { name: 'x'.repeat(65) }, ['/name']],
    ['the name of a built-in plan', { name: 'full-pay' }, ['/name']],
    ['no label', { label: '' }, ['/label']],
    ['no cadence', { cadence: undefined }, ['/cadence']],
    ['a cadence that is a word', { cadence: 'monthly' }, ['/cadence']],
    ['a cadence that is none', cadence({ type: 'hourly' }), ['/cadence/type']],
    ['weeks that are not said', cadence({ type: 'every_n_weeks' }), ['/cadence/weeks']],
    ['weeks that are too many', cadence({ type: 'every_n_weeks', weeks: 53 }), ['/cadence/weeks']],
    ['weeks of months', cadence({ weeks: 2 }), ['/cadence/weeks']],
    ['offsets that are not said', cadence({ type: 'custom' }), ['/cadence/unit', '/cadence/offsets']],
    ['offsets before the term', cadence({ type: 'custom', unit: 'days', offsets: [-1] }), ['/cadence/offsets']],
    ['an unknown field of it', cadence({ colour: 'red' }), ['/cadence/colour']],
    ['a basis that is none', { amountBasis: 'per_head' }, ['/amountBasis']],
    ['an anchor that is none', { anchor: { mode: 'moon' } }, ['/anchor/mode']],
    ['a day that no month has', { anchor: { mode: 'day_of_month', day: 32 } }, ['/anchor/day']],
    ['no weekday', { anchor: { mode: 'weekday' } }, ['/anchor/weekday']],
    ['a choice of no days', { anchor: { mode: 'due_day_choice', days: [] } }, ['/anchor/days']],
    ['a day without a choice', { anchor: { mode: 'term_start', day: 1 } }, ['/anchor/day']],
    ['a count of nothing', { count: 0 }, ['/count']],
    ['a count that is no number', { count: '12' }, ['/count']],
    ['a weight of nothing', { weights: [1, 0] }, ['/weights']],
    ['weights that are none', { weights: 3 }, ['/weights']],
    ['a down payment that is none', down({ type: 'kidney' }), ['/downPayment/type', '/downPayment/percent']],
    ['a down payment of everything', down({ percent: 100 }), ['/downPayment/percent']],
    ['a percentage of three decimals', down({ percent: '16.667' }), ['/downPayment/percent']],
    ['a percentage and periods', down({ periods: 2 }), ['/downPayment/periods']],
    ['fees that are not yes or no', down({ includesFees: 'yes' }), ['/downPayment/includesFees']],
    [
      'a down payment of no amount',
      { downPayment: { type: 'amount', amounts: [{ currency: 'USD', amount: '0.00' }] } },
      ['/downPayment/amounts/0/amount'],
    ],
    ['amounts that are no list', { downPayment: { type: 'amount', amounts: '3.00' } }, ['/downPayment/amounts']],
    ['a fee in no currency', { instalmentFee: [{ currency: 'usd', amount: '3.00' }] }, ['/instalmentFee/0/currency']],
    [
      'a fee of too many decimals',
      { instalmentFee: [{ currency: 'JPY', amount: '3.5' }] },
      ['/instalmentFee/0/amount'],
    ],
    ['a fee below zero', { instalmentFee: [{ currency: 'USD', amount: '-3.00' }] }, ['/instalmentFee/0/amount']],
    ['two fees in one currency', { instalmentFee: [...fee, ...fee] }, ['/instalmentFee']],
    ['a fee that is no list', { instalmentFee: '3.00' }, ['/instalmentFee']],
    ['a minimum that is no list', { minInstalment: 5 }, ['/minInstalment']],
    ['days of lead below zero', { generateLeadDays: -1 }, ['/generateLeadDays']],
    ['too many days of lead', { dueLeadDays: 91 }, ['/dueLeadDays']],
    ['half a day of lead', { autopayLeadDays: 0.5 }, ['/autopayLeadDays']],
    ['a blackout of more than a year', { blackoutDaysBeforeExpiry: 366 }, ['/blackoutDaysBeforeExpiry']],
    ['stubs that are not yes or no', { prorateStubs: 1 }, ['/prorateStubs']],
    ['a rule for odd cents that is none', { remainderPolicy: 'ours' }, ['/remainderPolicy']],
    ['an override of nothing that there is', { overrides: { cancellation: {} } }, ['/overrides/cancellation']],
    ['an override of what cannot be', { overrides: { renewal: { cadence: 1 } } }, ['/overrides/renewal/cadence']],
    [
      'an override of an endorsement or a reinstatement but of when it is billed',
      { overrides: { endorsement: { count: 2 }, reinstatement: { generateLeadDays: 5, downPayment: null } } },
      ['/overrides/endorsement/count', '/overrides/reinstatement/downPayment'],
    ],
    ['an override that is wrong', { overrides: { issue: { count: 0 } } }, ['/overrides/issue/count']],
    ['a policy for endorsements that is none', { endorsementPolicy: 'never' }, ['/endorsementPolicy']],
    ['a policy for returns that is none', { returnPolicy: 'never' }, ['/returnPolicy']],
    ['places that are no list', { jurisdictions: 'US' }, ['/jurisdictions']],
    ['a place without a name', { jurisdictions: [''] }, ['/jurisdictions']],
    ['a term of nothing', { termMonthsMax: 0 }, ['/termMonthsMax']],
    ['exempt that is not yes or no', { exemptCreditOnly: 'GB' }, ['/exemptCreditOnly']],
    ['a version of its own', { version: 7 }, ['/version']],
    ['an unknown field', { colour: 'red' }, ['/colour']],
    ['several at once', { name: 7, count: -1, anchor: { mode: 'moon' } }, ['/name', '/count', '/anchor/mode']],
  ])('%s', async (_what, said, pointers) => {
    const { status, body } = await api.post<Problem>('/plans', planBody(said));
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
    expect(new Set(places(body))).toEqual(new Set(pointers));
  });

  it('what contradicts itself, and stores nothing', async () => {
    const said = { cadence: { type: 'full_pay' }, count: 2, overrides: { renewal: { weights: [1] } } };
    const { status, body } = await api.post<Problem>('/plans', planBody(said));
    expect([status, body.code, places(body)]).toEqual([400, 'invalid_plan', ['/count', '/overrides/renewal/weights']]);
    expect((await api.get('/plans/monthly-on-choice')).status).toBe(404);
  });

  it('more than a hundred plans, but for another version of one', async () => {
    const own = newId();
    await billing.sql(
      `INSERT INTO plans SELECT $1, 'plan-' || n, 1, '{"label": "L", "cadence": {"type": "monthly"}}', now()
         FROM generate_series(1, 100) n`,
      [own],
    );
    const client = await billing.api(own);
    const refused = await client.post<Problem>('/plans', planBody());
    expect([refused.status, refused.body.code]).toEqual([422, 'too_many_plans']);
    expect((await client.post('/plans', planBody({ name: 'plan-7' }))).status).toBe(201);
  });

  it('a caller without the scope', async () => {
    const reader = await billing.api(newId(), ['billing:read']);
    expect((await reader.post('/plans', planBody())).status).toBe(403);
  });
});

describe('GET /plans', () => {
  const names = ({ items }: { items: Plan[] }) => items.map(({ name, version }) => `${name} ${version}`);

  it('lists the own ones in their newest versions, the newest first, then the built-in ones', async () => {
    for (const name of ['one', 'two', 'one']) await api.post('/plans', planBody({ name }));
    const { body } = await api.get<{ items: Plan[]; nextCursor: null }>('/plans');
    expect(names(body)).toEqual(['one 2', 'two 1', ...builtIn.map((name) => `${name} 1`)]);
    expect(body.items[5]).toMatchObject({
      ...{ name: '20-down-9-monthly', count: 10, createdAt: null, termMonthsMax: 12 },
      downPayment: { type: 'percent', percent: '20.00', includesFees: false },
    });
    expect(body.nextCursor).toBeNull();
  });

  it('page by page', async () => {
    await api.post('/plans', planBody({ name: 'mine' }));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/plans?limit=3${cursor ? `&cursor=${cursor}` : ''}`;
      const { body } = await api.get<{ items: Plan[]; nextCursor: string | null }>(path);
      seen.push(...body.items.map(({ name }) => name));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['mine', ...builtIn]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['cursor=abc', 'cursor'],
    ['colour=red', 'colour'],
  ])('refuses ?%s', async (query, parameter) => {
    const { status, body } = await api.get<Problem>(`/plans?${query}`);
    expect([status, places(body)]).toEqual([400, [parameter]]);
  });

  it("has none of another tenant's", async () => {
    await api.post('/plans', planBody());
    const { body } = await (await billing.api(newId())).get<{ items: Plan[] }>('/plans');
    expect(body.items.map(({ name }) => name)).toEqual(builtIn);
  });
});

describe('GET /plans/{name}', () => {
  it('answers a built-in one', async () => {
    const { status, body } = await api.get('/plans/full-pay?version=1');
    expect({ status, body }).toMatchObject({ status: 200, body: { name: 'full-pay', cadence: { type: 'full_pay' } } });
  });

  it("is 404 for another tenant's, an unknown name or version, and what is no name", async () => {
    await api.post('/plans', planBody());
    const stranger = await billing.api(newId());
    const answers = await Promise.all([
      stranger.get<Problem>('/plans/monthly-on-choice'),
      api.get<Problem>('/plans/monthly-on-choice?version=2'),
      api.get<Problem>('/plans/full-pay?version=2'),
      api.get<Problem>('/plans/weekly'),
      api.get<Problem>('/plans/No%20Name'),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 5 }, () => [404, 'not_found']),
    );
  });

  it.each(['version=0', 'version=one', 'version=2147483648'])('refuses ?%s', async (query) => {
    const { status, body } = await api.get<Problem>(`/plans/full-pay?${query}`);
    expect([status, places(body)]).toEqual([400, ['version']]);
  });
});
