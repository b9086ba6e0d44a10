import { Body, Controller, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import { DiscoveryModule, NestFactory, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { createLogger } from '../telemetry/logger.ts';
import { amountOf, IsAmount } from './amounts.ts';
import { Caller, Public, RequireScope } from './auth.ts';
import { AuthGuard } from './auth.guard.ts';
import { installHttp } from './install.ts';
import { CursorQuery, decodeCursor, keysetPage } from './page.ts';
import { PathId } from './path-id.ts';
import { notFound, Problem } from './problem.ts';
import type { ProblemDocument } from './problem.ts';
import { createHttpAdapter } from './server.ts';
import { TokenVerifier } from './token-verifier.ts';

class Charge {
  @IsIn(['premium', 'tax'])
  category: string;

  @IsAmount()
  amount: string | number;
}

class CreateOrder {
  @IsString()
  @MaxLength(10)
  currency: string;

  @IsOptional()
  @IsInt()
  count?: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Charge)
  charges: Charge[];
}

class ToyDomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: string,
    readonly context: Record<string, unknown> = {},
  ) {
    super('The order is closed.');
  }
}

@Controller('orders')
class OrdersController {
  @Post()
  @RequireScope('toy:write')
  create(@Body() dto: CreateOrder, @Caller() caller: Caller) {
    const total = dto.charges.map(({ amount }, at) => amountOf(amount, dto.currency, `/charges/${at}/amount`));
    return { tenant: caller.tenantId, minor: total.map(({ minor }) => String(minor)) };
  }

  @Get()
  @RequireScope('toy:read')
  list(@Query() query: CursorQuery) {
    const after = decodeCursor(query.cursor);
    const rows = [{ id: '0199a3c4-7f1e-7b52-9c1d-3e5f60718293' }, { id: '0199a3c4-7f1e-7b52-9c1d-3e5f60718292' }];
    const page = keysetPage(after ? rows.slice(1) : rows, query.limit, ({ id }) => id);
    return { items: page.rows, nextCursor: page.next };
  }

  @Get('broken')
  @Public()
  broken(): never {
    throw new Error('SELECT secret FROM vault', { cause: new Error('at /srv/private.ts') });
  }

  @Get('database-away')
  @Public()
  databaseAway(): never {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
  }

  @Get('closed')
  @Public()
  closed(): never {
    const members = { remaining: '40.00', code: 'of no member' };
    throw new ToyDomainError('order_closed', {
      ...{ allowedActions: ['reopen'], errors: [{ pointer: '/a', detail: 'no' }], members },
    });
  }

  @Get('uncatalogued')
  @Public()
  uncatalogued(): never {
    throw new ToyDomainError('toString');
  }

  @Post('reverse')
  @HttpCode(200)
  @Public()
  reverse(@Body() dto: CursorQuery) {
    return dto;
  }

  @Post('untyped')
  @Public()
  untyped(@Body() body: object) {
    return body;
  }

  @Get(':id')
  @RequireScope('toy:read')
  get(@PathId('id', 'order') id: string) {
    throw notFound('order', id);
  }
}

const issuer = 'https://issuer.test';
const tenantId = randomUUID();
let app: NestFastifyApplication;
let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
const logged: string[] = [];

interface TokenParts {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  expiresIn?: string;
}

function token({ claims = {}, header = {}, expiresIn = '5m' }: TokenParts = {}): Promise<string> {
  return new SignJWT({
    tenant: tenantId,
    currency: 'USD',
    scope: 'toy:read toy:write',
    sub: 'client-1',
    iss: issuer,
    aud: 'toy',
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1', ...header })
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(privateKey);
}

async function startApp(controllers: (new () => object)[]): Promise<NestFastifyApplication> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  privateKey = pair.privateKey;
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA' }] });
  const verifier = { provide: TokenVerifier, useValue: new TokenVerifier({ issuer, audience: 'toy' }, keys) };
  @Module({ imports: [DiscoveryModule], controllers, providers: [AuthGuard, Reflector, verifier] })
  class ToyModule {}
  const created = await NestFactory.create<NestFastifyApplication>(
    ToyModule,
    createHttpAdapter({ bodyLimitBytes: 4_096 }),
    { bodyParser: false, abortOnError: false, logger: false },
  );
  const logger = createLogger({ name: 'toy', level: 'info' }, { write: (line: string) => void logged.push(line) });
  created.useLogger(logger);
  const problems = { order_closed: { status: 409, title: 'The order is closed' } };
  installHttp(created, { logger, problems, problemsUrl: 'https://docs.test/problems/', isDraining: () => false });
  return created.init();
}

async function send(
  method: 'GET' | 'POST',
  url: string,
  options: { payload?: string; auth?: string; type?: string } = {},
) {
  const headers: Record<string, string> = {};
  if (options.auth !== undefined) headers['authorization'] = options.auth;
  if (options.payload !== undefined) headers['content-type'] = options.type ?? 'application/json';
  const response = await app.inject({ method, url, headers, ...(options.payload ? { payload: options.payload } : {}) });
  return { response, problem: response.json<ProblemDocument>() };
}

async function post(payload: string, url = '/orders') {
  return send('POST', url, { payload, auth: `Bearer ${await token()}` });
}

beforeAll(async () => {
  app = await startApp([OrdersController]);
});

afterAll(() => app.close());

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
    ['cursor=bm8', 'cursor'],
    [`cursor=${Buffer.from("1:' OR 1=1").toString('base64url')}`, 'cursor'],
  ])('names the parameter of ?%s', async (query, parameter) => {
    const { response, problem } = await send('GET', `/orders?${query}`, { auth: `Bearer ${await token()}` });
    expect(response.statusCode).toBe(400);
    expect(problem.errors?.map((error) => error.parameter)).toContain(parameter);
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
    expect(logged.some((line) => line.includes('SELECT secret FROM vault') && line.includes(problem.instance))).toBe(
      true,
    );
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

describe('tokens', () => {
  const get = async (auth?: string) => (await send('GET', '/orders', auth === undefined ? {} : { auth })).response;

  it('takes a good token, and again from the cache', async () => {
    const auth = `Bearer ${await token()}`;
    expect((await get(auth)).statusCode).toBe(200);
    expect((await get(auth)).statusCode).toBe(200);
  });

  const unsigned = [
    { alg: 'none', typ: 'at+jwt' },
    { tenant: tenantId, currency: 'USD', sub: 'x', aud: 'toy', iss: issuer, iat: 1, exp: 9e9 },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

  it.each<[string, () => Promise<string | undefined>]>([
    ['no token', () => Promise.resolve(undefined)],
    ['another scheme', () => Promise.resolve('Basic dTpw')],
    ['garbage', () => Promise.resolve('Bearer a.b.c')],
    ['alg none', () => Promise.resolve(`Bearer ${unsigned}.`)],
    ['alg none with a signature', () => Promise.resolve(`Bearer ${unsigned}.AAAA`)],
    ['an expired one', async () => `Bearer ${await token({ expiresIn: '-1m' })}`],
    ["another service's audience", async () => `Bearer ${await token({ claims: { aud: 'other' } })}`],
    ['another issuer', async () => `Bearer ${await token({ claims: { iss: 'https://evil.test' } })}`],
    ['an id token', async () => `Bearer ${await token({ header: { typ: 'JWT' } })}`],
    ['no currency', async () => `Bearer ${await token({ claims: { currency: undefined } })}`],
    ['a currency that is none', async () => `Bearer ${await token({ claims: { currency: 'XQQ' } })}`],
    ['no tenant', async () => `Bearer ${await token({ claims: { tenant: undefined } })}`],
    ['a tenant that is no id', async () => `Bearer ${await token({ claims: { tenant: "x'" } })}`],
    ['an unknown key', async () => `Bearer ${await token({ header: { kid: 'k2' } })}`],
    [
      'a changed payload',
      async () => `Bearer ${(await token()).replace(/\.(.)/, (_all, c) => `.${c === 'e' ? 'f' : 'e'}`)}`,
    ],
  ])('answers 401 to %s', async (_name, auth) => {
    const response = await get(await auth());
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.json<ProblemDocument>().code).toBe('unauthorized');
  });

  it('answers 403 and names the scope', async () => {
    const response = await get(`Bearer ${await token({ claims: { scope: 'toy:write toy:readall' } })}`);
    expect(response.statusCode).toBe(403);
    expect(response.json<ProblemDocument>().detail).toContain('toy:read');
  });

  it('checks the credential before it looks at the body', async () => {
    expect((await send('POST', '/orders', { payload: '{"evil":1}' })).response.statusCode).toBe(401);
  });
});

describe('the request log', () => {
  it('is one line with route, status, tenant and client, and holds no body, query or token', async () => {
    const before = logged.length;
    const auth = `Bearer ${await token()}`;
    await send('POST', '/orders', { payload: '{"currency":"CANARY-BODY"}', auth });
    await send('GET', '/orders?cursor=CANARY-QUERY', { auth });
    const lines = logged.slice(before);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'request',
      method: 'POST',
      route: '/orders',
      status: 400,
      tenant: tenantId,
      client: 'client-1',
    });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/CANARY|Bearer|eyJ/);
  });
});

describe('default deny', () => {
  it('does not start with a route that has neither a scope nor @Public()', async () => {
    @Controller('open')
    class OpenController {
      @Get()
      forgotten() {
        return 'secret';
      }

      helper() {
        return 1;
      }
    }
    await expect(startApp([OpenController])).rejects.toThrow('OpenController.forgotten');
  });
});
