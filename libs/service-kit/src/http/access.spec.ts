import { Controller, Get } from '@nestjs/common';
import type { ProblemDocument } from './problem.ts';
import { issuer, startToy, tenantId } from './toy-orders.fixture.ts';
import type { Toy } from './toy-orders.fixture.ts';

let toy: Toy;
beforeAll(async () => {
  toy = await startToy();
});
afterAll(() => toy.close());

const send: Toy['send'] = (...request) => toy.send(...request);
const token: Toy['token'] = (parts) => toy.token(parts);

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
    const before = toy.logged.length;
    const auth = `Bearer ${await token()}`;
    await send('POST', '/orders', { payload: '{"currency":"CANARY-BODY"}', auth });
    await send('GET', '/orders?cursor=CANARY-QUERY', { auth });
    const lines = toy.logged.slice(before);
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
    await expect(startToy([OpenController])).rejects.toThrow('OpenController.forgotten');
  });
});
