import { jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OAuthClient } from '../endpoints/credentials.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { TargetGuard } from '../endpoints/target-guard.ts';
import { AuthorisedClient } from './authorised-client.ts';
import { OAuthTokens } from './oauth-tokens.ts';
import { WebhookClient } from './webhook.client.ts';

type Answer = { status?: number; body?: object | string } | 'silence';

let server: Server;
let client: WebhookClient;
let tokens: OAuthTokens;
let asked: { authorization: string | undefined; form: Record<string, string> }[];
let received: (string | undefined)[];
let answer: () => Answer;
let status: number;

beforeEach(async () => {
  [asked, received, status] = [[], [], 204];
  answer = () => ({ body: { access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: 3_600 } });
  server = createServer((req, res) => {
    if (req.url !== '/token') {
      received.push(req.headers.authorization);
      return void res.writeHead(status).end();
    }
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      asked.push({ authorization: req.headers.authorization, form });
      const said = answer();
      if (said === 'silence') return;
      const { status: code = 200, body = '' } = said;
      res.writeHead(code).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new WebhookClient(new TargetGuard({ allowHttp: true, allowedCidrs: ['127.0.0.0/8'] }), { timeoutMs: 3_000 });
  tokens = new OAuthTokens(client);
});
afterEach(async () => {
  await client.onApplicationShutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const oauth = (over: Partial<OAuthClient> = {}): OAuthClient => ({
  ...{ endpointId: 'e', revision: 'r1', tokenUrl: new URL(`${base()}/token`), clientId: 'us:1', clientSecret: 's/e t' },
  ...{ scope: 'hooks', audience: null, clientAuthentication: 'header' },
  ...over,
});
const target = (over: Partial<Target> = {}, credentials: Partial<OAuthClient> = {}) =>
  ({
    ...{ url: new URL(`${base()}/hook`), timeoutSeconds: null },
    credentials: { headers: { 'x-team': 'books' }, oauth: oauth(credentials), tls: null },
    ...over,
  }) as Target;
const send = (to = target()) => new AuthorisedClient(client, tokens).send(to, { headers: {}, body: Buffer.from('{}') });

describe('OAuth2 client credentials', () => {
  it('a token is asked for once and used for every request after it', async () => {
    for (let sent = 0; sent < 3; sent += 1) expect(await send()).toMatchObject({ status: 204 });
    expect(received).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
    // Both halves are form-encoded before they are joined (RFC 6749 2.3.1).
    const authorization = `Basic ${Buffer.from('us%3A1:s%2Fe+t').toString('base64')}`;
    expect(asked).toEqual([{ authorization, form: { grant_type: 'client_credentials', scope: 'hooks' } }]);
  });

  it('the secret goes into the body for servers that want it there', async () => {
    await send(target({}, { clientAuthentication: 'body', scope: null, audience: 'api' }));
    const form = { grant_type: 'client_credentials', audience: 'api', client_id: 'us:1', client_secret: 's/e t' };
    expect(asked).toEqual([{ authorization: undefined, form }]);
  });

  it('new credentials of the endpoint get a token of their own', async () => {
    await send();
    await send(target({}, { revision: 'r2' }));
    expect(received).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('a token is asked for anew when four fifths of its life are over', async () => {
    jest.spyOn(performance, 'now');
    const now = jest.mocked(performance.now);
    const real = performance.now();
    now.mockReturnValue(real);
    answer = () => ({ body: { access_token: `token-${asked.length}`, expires_in: 100 } });
    expect(await tokens.token(oauth(), 1_000)).toBe('token-1');
    now.mockReturnValue(real + 79_999);
    expect(await tokens.token(oauth(), 1_000)).toBe('token-1');
    now.mockReturnValue(real + 80_000);
    expect(await tokens.token(oauth(), 1_000)).toBe('token-2');
    // The server is down when the next is due: the old one serves to its end, and no longer.
    answer = () => ({ status: 503 });
    now.mockReturnValue(real + 170_000);
    expect(await tokens.token(oauth(), 1_000)).toBe('token-2');
    now.mockReturnValue(real + 180_000);
    expect(await tokens.token(oauth(), 1_000)).toBeNull();
    now.mockRestore();
  });

  it('401 drops the token, once: the next one stays, however often it is refused', async () => {
    status = 401;
    for (let sent = 0; sent < 4; sent += 1) expect(await send()).toMatchObject({ status: 401 });
    expect(received).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-2']);
    status = 204;
    await send();
    status = 401;
    await send();
    await send();
    expect(asked).toHaveLength(3);
  });
});

describe('F34 the token endpoint is down or slow', () => {
  it.each<[string, Answer]>([
    ['an error', { status: 500 }],
    ['a refusal', { status: 401, body: { error: 'invalid_client' } }],
    ['no token', { body: { token_type: 'Bearer' } }],
    ['a token that would be two headers', { body: { access_token: 'a\r\nx-admin: yes' } }],
    ['a token of another type', { body: { access_token: 'a', token_type: 'mac' } }],
    ['no JSON', { body: 'maintenance' }],
    ['more than we read', { body: { access_token: 'a', padding: 'x'.repeat(20_000) } }],
  ])('%s is a failed attempt, and nothing is sent', async (_name, said) => {
    answer = () => said;
    expect(await send()).toMatchObject({ status: null, error: 'oauth_failed' });
    expect(received).toEqual([]);
  });

  it('silence is a failed attempt when the deadline is over, one over both requests', async () => {
    answer = () => 'silence';
    const reply = await send(target({ timeoutSeconds: 1 }));
    expect(reply).toMatchObject({ status: null, error: 'oauth_failed' });
    expect(reply.durationMs).toBeGreaterThanOrEqual(995);
    expect(received).toEqual([]);
  });

  it('a hundred deliveries at once ask once, and those after a failure do not ask again', async () => {
    answer = () => ({ status: 503 });
    const all = await Promise.all(Array.from({ length: 100 }, () => send()));
    expect(new Set(all.map(({ error }) => error))).toEqual(new Set(['oauth_failed']));
    expect(await send()).toMatchObject({ error: 'oauth_failed' });
    expect(asked).toHaveLength(1);
    const others = target({}, { endpointId: 'another' });
    answer = () => ({ body: { access_token: 'good' } });
    await Promise.all(Array.from({ length: 100 }, () => send(others)));
    expect(asked).toHaveLength(2);
    expect(received).toEqual(Array.from({ length: 100 }, () => 'Bearer good'));
  });

  it('is guarded like a receiver: it may not be in our network', async () => {
    const strict = new WebhookClient(new TargetGuard({ allowHttp: true, allowedCidrs: [] }), { timeoutMs: 1_000 });
    expect(await new OAuthTokens(strict).token(oauth(), 1_000)).toBeNull();
    expect(asked).toEqual([]);
    await strict.onApplicationShutdown();
  });
});
