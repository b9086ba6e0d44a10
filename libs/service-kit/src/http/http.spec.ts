import { Problem } from './problem.ts';
import { startToy, tenantId } from './toy-orders.fixture.ts';
import type { Toy } from './toy-orders.fixture.ts';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy();
});
afterAll(() => toy.close());

const send: Toy['send'] = (...request) => toy.send(...request);
const token: Toy['token'] = (parts) => toy.token(parts);
const post: Toy['post'] = (...request) => toy.post(...request);

describe('validation', () => {
  it('answers everything that is wrong at once, each with its pointer', async () => {
    const { response, problem } = await post(
      JSON.stringify({
        currency: 'USD',
        count: '1',
        charges: [
          { category: 'fee', amount: 'x' },
          { category: 'tax', amount: '1', 'a/b~c': 1 },
        ],
        evil: 1,
      }),
    );
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(problem).toMatchObject({
      type: 'https://docs.test/problems/invalid_request',
      title: 'The request is not valid',
      status: 400,
      code: 'invalid_request',
      instance: response.headers['x-request-id'],
    });
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/charges/0/amount',
      '/charges/0/category',
      '/charges/1/a~1b~0c',
      '/count',
      '/evil',
    ]);
    expect(problem.errors).toContainEqual({ pointer: '/evil', detail: 'unknown field evil' });
  });

  it.each(['[]', '"text"', '1', 'null'])('refuses a body that is no object: %s', async (body) => {
    const { response, problem } = await post(body);
    expect(response.statusCode).toBe(400);
    expect(problem.errors?.length).toBeGreaterThan(0);
  });

  it('reports the required fields of an absent body', async () => {
    const { response, problem } = await send('POST', '/orders', { auth: `Bearer ${await token()}` });
    expect(response.statusCode).toBe(400);
    expect(problem.errors?.map(({ pointer }) => pointer)).toContain('/currency');
  });

  it('lets a body be absent where no field is required', async () => {
    const { response } = await send('POST', '/orders/reverse');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ limit: 50 });
  });

  it('refuses a body whose DTO class is unknown at run time instead of passing it unvalidated', async () => {
    const { response, problem } = await post('{"evil":1}', '/orders/untyped');
    expect(response.statusCode).toBe(500);
    expect(problem.code).toBe('internal');
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit=1e2', 'limit'],
    ['state=open', 'state'],
    ['cursor=%00', 'cursor'],
    ['name=a%00b', 'name'],
    ['name=fine&name=a%00b', 'name.1'],
    ['cursor=bm8', 'cursor'],
    [`cursor=${Buffer.from("1:' OR 1=1").toString('base64url')}`, 'cursor'],
  ])('names the parameter of ?%s', async (query, parameter) => {
    const { response, problem } = await send('GET', `/orders?${query}`, { auth: `Bearer ${await token()}` });
    expect(response.statusCode).toBe(400);
    expect(problem.errors?.map((error) => error.parameter)).toContain(parameter);
  });

  it('names the part of a path that Postgres cannot store', async () => {
    const { response, problem } = await send('GET', '/orders/a%00b', { auth: `Bearer ${await token()}` });
    expect(response.statusCode).toBe(400);
    expect(problem.errors).toEqual([{ parameter: 'id', detail: 'holds a character that cannot be stored' }]);
  });

  it('refuses any parameter on a route that takes none', async () => {
    const { response, problem } = await send('GET', '/orders/closed?all=1');
    expect(response.statusCode).toBe(400);
    expect(problem.errors).toEqual([{ parameter: 'all', detail: 'unknown parameter all' }]);
  });

  it('pages with an opaque cursor until there is none', async () => {
    const auth = `Bearer ${await token()}`;
    const first = (await send('GET', '/orders?limit=1', { auth })).response.json<{ items: []; nextCursor: string }>();
    expect(first.items).toHaveLength(1);
    const next = await send('GET', `/orders?limit=1&cursor=${first.nextCursor}`, { auth });
    expect(next.response.json()).toEqual({ items: [{ id: '0199a3c4-7f1e-7b52-9c1d-3e5f60718292' }], nextCursor: null });
  });
});

describe('bodies', () => {
  const order = (amount: string) => `{"currency":"USD","charges":[{"category":"tax","amount":${amount}}]}`;

  it.each(['{"a":', '', '{"a":1}}', "{'a':1}", 'NaN'])('answers malformed_json for %j', async (payload) => {
    const { response, problem } = await send('POST', '/orders', {
      payload: payload || ' ',
      auth: `Bearer ${await token()}`,
    });
    expect(response.statusCode).toBe(400);
    expect(problem.code).toBe('malformed_json');
  });

  it.each(['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}', '{"a":{"__proto__":1}}'])(
    'refuses keys that reach into prototypes: %s',
    async (payload) => {
      const { response, problem } = await post(payload);
      expect(response.statusCode).toBe(400);
      expect(problem.code).toBe('malformed_json');
    },
  );

  it('answers 413 for a body beyond the limit', async () => {
    const { response, problem } = await post(`{"currency":"${'x'.repeat(5_000)}"}`);
    expect(response.statusCode).toBe(413);
    expect(problem.code).toBe('payload_too_large');
  });

  it('answers 415 for another content type', async () => {
    const auth = `Bearer ${await token()}`;
    const { response, problem } = await send('POST', '/orders', { payload: '<a/>', auth, type: 'application/xml' });
    expect(response.statusCode).toBe(415);
    expect(problem.code).toBe('unsupported_media_type');
  });

  it.each([
    ['25.67', '2567'],
    ['"25.67"', '2567'],
    ['90071992547409.91', '9007199254740991'],
    ['2.567e1', '2567'],
  ])('reads the amount %s as %s minor units', async (amount, minor) => {
    const { response } = await post(order(amount));
    expect(response.json()).toEqual({ tenant: tenantId, minor: [minor] });
  });

  it.each([
    '1.001',
    '90071992547409.92',
    '90071992547409921.00',
    '1e400',
    '"1e2"',
    '"NaN"',
    'null',
    'true',
    '-1',
    '" 1"',
    '1.0000000000000000001',
  ])('refuses the amount %s with its pointer, never rounding it', async (amount) => {
    const { response, problem } = await post(order(amount));
    expect(response.statusCode).toBe(400);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/charges/0/amount']);
  });

  it('refuses text that Postgres cannot store, with its pointer', async () => {
    const { response, problem } = await post('{"currency":"U\\u0000","charges":[{"category":"\\ud800"}]}');
    expect(response.statusCode).toBe(400);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/currency', '/charges/0/category']);
  });
});

describe('problems', () => {
  it('keeps the text of an unexpected error to the log', async () => {
    const { response, problem } = await send('GET', '/orders/broken');
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toMatch(/SELECT|private|vault/);
    expect(problem).toMatchObject({ code: 'internal', title: 'Internal error' });
    expect(
      toy.logged.some((line) => line.includes('SELECT secret FROM vault') && line.includes(problem.instance)),
    ).toBe(true);
  });

  it('answers 503 with Retry-After when the database is away', async () => {
    const { response, problem } = await send('GET', '/orders/database-away');
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(problem.code).toBe('unavailable');
    expect(response.body).not.toContain('10.0.0.7');
  });

  it("maps a rule's error by the catalogue of the service", async () => {
    const { response, problem } = await send('GET', '/orders/closed');
    expect(response.statusCode).toBe(409);
    expect(problem).toMatchObject({
      code: 'order_closed',
      title: 'The order is closed',
      detail: 'The order is closed.',
      remaining: '40.00',
      allowedActions: ['reopen'],
      errors: [{ pointer: '/a', detail: 'no' }],
    });
  });

  it('answers 500 for a code that no catalogue has, even one that every object has as a property', async () => {
    const { response } = await send('GET', '/orders/uncatalogued');
    expect(response.statusCode).toBe(500);
  });

  it.each(['/nowhere', '/orders/0199a3c4-7f1e-7b52-9c1d-3e5f60718299', '/orders/no-id', "/orders/'--"])(
    'answers 404 for %s',
    async (url) => {
      const { response, problem } = await send('GET', url, { auth: `Bearer ${await token()}` });
      expect(response.statusCode).toBe(404);
      expect(problem.code).toBe('not_found');
    },
  );

  it('carries any code that a Problem names', () => {
    const problem = new Problem(422, 'own_code', 'because', { errors: [{ pointer: '/x', detail: 'y' }] });
    expect(problem).toMatchObject({ status: 422, code: 'own_code', message: 'because' });
  });
});
