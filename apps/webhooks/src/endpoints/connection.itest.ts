import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { TestAuthority } from '../testing/certificates.itest.ts';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  startInfrastructure,
  startWebhooks,
  verified,
} from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

const url = 'https://partner.example/hooks';
const authority = new TestAuthority();
const mtls = () => ({ type: 'mtls', ...authority.issue(), ca: authority.certificate });

const cleanUp: (() => Promise<void>)[] = [];
let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env({ WEBHOOK_ORIGIN: 'events.quittance.example' }));
});
afterAll(async () => {
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  api = await infrastructure.api(service.url, tenantId);
  receiver = await WebhookReceiver.start();
});
afterEach(async () => {
  await receiver.stop();
  for (const stop of cleanUp.splice(0)) await stop();
});

/** Where a server of a test listens; it is stopped after it. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const patch = (id: string, body: object) => api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body });
const attemptsOf = async (endpointId: string, state = 'delivered') => {
  const [delivery] = await deliveriesOf(api, endpointId, state);
  return (await api.get<any>(`/webhook-deliveries/${String(delivery?.['id'])}`)).body.attempts;
};

describe('how an endpoint is spoken to', () => {
  it('nothing is asked for: the platform’s time, no headers, no credentials', async () => {
    const { body } = await api.post<any>('/webhook-endpoints', { url });
    expect(body).toMatchObject({ timeoutSeconds: null, headerNames: [], auth: { type: 'none' }, verifiedAt: null });
  });

  it('fixed headers and basic credentials go out with every request, and are never shown', async () => {
    const auth = { type: 'basic', username: 'us', password: 'pass-word-1' };
    const headers = { 'X-Api-Key': 'key-number-1' };
    const made = await api.post<any>('/webhook-endpoints', { url: receiver.url, headers, auth, timeoutSeconds: 3 });
    expect(made.body).toMatchObject({
      ...{ timeoutSeconds: 3, headerNames: ['x-api-key'], auth: { type: 'basic', username: 'us', hasSecret: true } },
    });
    const shown = await api.get(`/webhook-endpoints/${made.body.id}`);
    expect(JSON.stringify([made.body, shown.body])).not.toMatch(/pass-word-1|key-number-1/);
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const request = await receiver.received();
    const authorization = `Basic ${Buffer.from('us:pass-word-1').toString('base64')}`;
    expect(request.headers).toMatchObject({ 'x-api-key': 'key-number-1', authorization });
    verified(request, made.body.secret);
  });

  it('what is secret is nowhere in the database in plain text', async () => {
    const auth = { type: 'bearer', token: 'a-token-of-theirs' };
    const made = await api.post<any>('/webhook-endpoints', { url, headers: { 'x-key': 'a-key-of-theirs' }, auth });
    const { rows } = await infrastructure.admin.query(
      `SELECT (SELECT string_agg(e::text, ' ') FROM endpoints e WHERE e.id = $1)
           || (SELECT string_agg(kind || encode(ciphertext, 'escape'), ' ')
                 FROM endpoint_credentials WHERE endpoint_id = $1) AS everything`,
      [made.body.id],
    );
    expect(rows[0].everything).toMatch(/auth.*headers|headers.*auth/s);
    expect(rows[0].everything).not.toMatch(/of-theirs/);
    await expect(
      infrastructure.admin.query(`UPDATE endpoints SET auth = '{"type": "bearer", "token": "x"}' WHERE id = $1`, [
        made.body.id,
      ]),
    ).rejects.toThrow('endpoints_auth_secret');
  });

  it('a change replaces as a whole, the next send uses it, and null takes it away', async () => {
    const { id } = await createEndpoint(api, receiver.url, {
      ...{ headers: { 'x-a': 'first', 'x-b': 'first' }, auth: { type: 'bearer', token: 'first' } },
    });
    const changed = await patch(id, { headers: { 'x-b': 'second' }, auth: { type: 'bearer', token: 'second' } });
    expect(changed.body).toMatchObject({ headerNames: ['x-b'], auth: { type: 'bearer', hasSecret: true } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const { headers } = await receiver.received();
    expect(headers).toMatchObject({ 'x-b': 'second', authorization: 'Bearer second' });
    expect(headers).not.toHaveProperty('x-a');
    const cleared = await patch(id, { headers: null, auth: null });
    expect(cleared.body).toMatchObject({ headerNames: [], auth: { type: 'none' } });
    expect(cleared.body.auth).not.toHaveProperty('hasSecret');
    const sql = 'SELECT FROM endpoint_credentials WHERE endpoint_id = $1';
    expect((await infrastructure.admin.query(sql, [id])).rows).toEqual([]);
    await patch(id, { headers: { 'x-c': 'third' } });
    const untouched = await patch(id, { description: 'books' });
    expect(untouched.body).toMatchObject({ description: 'books', headerNames: ['x-c'], auth: { type: 'none' } });
    expect((await infrastructure.admin.query(sql, [id])).rows).toHaveLength(1);
    await api.send('DELETE', `/webhook-endpoints/${id}`);
    expect((await infrastructure.admin.query(sql, [id])).rows).toEqual([]);
  });

  it('400: what is wrong, each with its pointer, never with its value, and nothing stored', async () => {
    const refused = async (body: object) => {
      const answer = await api.post<any>('/webhook-endpoints', { url, ...body });
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain('s3cret');
      return answer.body.errors.map(({ pointer }: any) => pointer);
    };
    expect(await refused({ timeoutSeconds: 31, headers: { host: 's3cret' } })).toEqual(['/timeoutSeconds', '/headers']);
    expect(await refused({ timeoutSeconds: 1.5, headers: [] })).toEqual(['/timeoutSeconds', '/headers']);
    expect(await refused({ auth: { type: 'digest', password: 's3cret' } })).toEqual(['/auth/type']);
    expect(await refused({ auth: { type: 'basic', username: 'a:b' } })).toEqual(['/auth/username', '/auth/password']);
    expect(await refused({ auth: { type: 'bearer', token: 's3cret\r\n', scope: 'x' } })).toEqual([
      ...['/auth/token', '/auth/scope'],
    ]);
    expect(
      await refused({ auth: { type: 'oauth2', clientId: 'c', clientSecret: 's3cret', tokenUrl: '/token' } }),
    ).toEqual(['/auth/tokenUrl']);
    expect(await refused({ auth: { type: 'none', hasSecret: true } })).toEqual(['/auth/hasSecret']);
    expect((await api.get<any>('/webhook-endpoints')).body.items).toEqual([]);
  });

  it('422: a token URL into our network, and a certificate that cannot be used, by their places', async () => {
    const refused = async (auth: object) => {
      const { status, body } = await api.post<any>('/webhook-endpoints', { url, auth });
      return { status, code: body.code, pointers: body.errors?.map(({ pointer }: any) => pointer) };
    };
    const oauth2 = { type: 'oauth2', clientId: 'c', clientSecret: 's', tokenUrl: 'http://169.254.169.254/token' };
    expect(await refused(oauth2)).toEqual({ status: 422, code: 'url_not_allowed', pointers: ['/auth/tokenUrl'] });
    const certificate = (over: object) => refused({ ...mtls(), ...over });
    const code = 'client_certificate_not_valid';
    expect(await certificate(authority.issue({ days: -1 }))).toEqual({
      status: 422,
      code,
      pointers: ['/auth/certificate'],
    });
    expect(await certificate({ privateKey: authority.issue().privateKey })).toEqual({
      ...{ status: 422, code, pointers: ['/auth/privateKey'] },
    });
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(await certificate({ certificate: broken, ca: broken })).toEqual({
      ...{ status: 422, code, pointers: ['/auth/certificate', '/auth/ca'] },
    });
    expect((await api.get<any>('/webhook-endpoints')).body.items).toEqual([]);
  });

  it('mTLS: the receiver sees our certificate, and the attempt says how long the handshake took', async () => {
    const own = authority.issue();
    const names: string[] = [];
    const server = createTlsServer(
      { cert: own.certificate, key: own.privateKey, ca: authority.certificate, requestCert: true },
      (req, res) => {
        names.push((req.socket as any).getPeerCertificate().subject.CN);
        res.writeHead(204).end();
      },
    );
    const to = `https://127.0.0.1:${await listening(server)}/`;
    const { id } = await createEndpoint(api, to, { auth: mtls() });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [attempt] = await attemptsOf(id);
    expect(attempt).toMatchObject({ outcome: 'succeeded', timings: { tlsMs: expect.any(Number), dnsMs: null } });
    expect(names).toEqual(['partner.test']);
  });

  it('F34 OAuth2: where no token is to be had attempts fail and nothing is sent; one token serves all', async () => {
    const issuer = await WebhookReceiver.start();
    cleanUp.push(() => issuer.stop());
    issuer.answerAlways({ status: 503 });
    const auth = { type: 'oauth2', tokenUrl: issuer.url, clientId: 'us', clientSecret: 'the-client-secret' };
    const made = await api.post<any>('/webhook-endpoints', { url: receiver.url, auth });
    const { id, auth: shown } = made.body;
    expect(shown).toEqual({ type: 'oauth2', tokenUrl: issuer.url, clientId: 'us', hasSecret: true });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const attempts = await attemptsOf(id, 'exhausted');
    expect(attempts).toHaveLength(4);
    expect(attempts[0]).toMatchObject({ outcome: 'failed', status: null, error: 'oauth_failed' });
    expect(receiver.requests).toHaveLength(0);
    expect(issuer.requests).toHaveLength(1);
    // Credentials that are new are tried at once.
    issuer.answerAlways({ status: 200, body: JSON.stringify({ access_token: 'granted', expires_in: 3_600 }) });
    await patch(id, { auth: { ...auth, clientSecret: 'another' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId), eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'delivered', 2);
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer granted', 'Bearer granted']);
    expect(issuer.requests).toHaveLength(2);
  });

  it('an endpoint’s own deadline holds, and the address we spoke to is written down but not shown', async () => {
    const { id } = await createEndpoint(api, receiver.url, { timeoutSeconds: 1 });
    receiver.answerNext({ status: 200, delayMs: 5_000 });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [first, second] = await attemptsOf(id);
    expect(first).toMatchObject({ error: 'timeout', timings: { connectMs: expect.any(Number), firstByteMs: null } });
    expect(first.durationMs).toBeLessThan(1_400);
    expect(second).toMatchObject({ outcome: 'succeeded', timings: { firstByteMs: expect.any(Number) } });
    expect(JSON.stringify([first, second])).not.toContain('127.0.0.1');
    const sql = 'SELECT DISTINCT host(remote_ip) AS ip FROM attempts WHERE endpoint_id = $1';
    expect((await infrastructure.admin.query(sql, [id])).rows).toEqual([{ ip: '127.0.0.1' }]);
  });

  it('F28 headers that are not ASCII, doubled or odd, and a body with NUL: stored and shown', async () => {
    const head =
      'HTTP/1.1 500 No\r\nx-n: caf\xe9\t\r\nx-n: 2\r\n__proto__: p\r\nconstructor: c\r\ncontent-length: 5\r\n\r\n';
    const server = createServer((socket) => {
      socket.on('data', () => socket.end(`${head}a\0\xff\xfeb`, 'latin1'));
    });
    const { id } = await createEndpoint(api, `http://127.0.0.1:${await listening(server)}/`);
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const attempts = await attemptsOf(id, 'exhausted');
    expect(attempts).toHaveLength(4);
    expect(attempts[0]).toMatchObject({ outcome: 'failed', status: 500, responseBody: 'a\ufffd\ufffd\ufffdb' });
    expect(attempts[0].responseHeaders['x-n']).toMatch(/^caf\?+, 2$/);
    expect(attempts[0].responseHeaders).toMatchObject({ constructor: 'c' });
  });
});

describe('POST /webhook-endpoints/{id}/verify', () => {
  const verify = (id: string, method: string, headers: Record<string, string> = {}) =>
    api.post<any>(`/webhook-endpoints/${id}/verify`, { method }, headers);

  it('a ping is signed, has the endpoint’s credentials, and is consent when it is answered with 2xx', async () => {
    const auth = { type: 'bearer', token: 'theirs' };
    const { id, secret } = await createEndpoint(api, receiver.url, { auth });
    const answer = await verify(id, 'ping');
    expect(answer).toMatchObject({ status: 200, body: { method: 'ping', verified: true, reason: null, status: 204 } });
    const [request] = receiver.requests;
    if (request === undefined) throw new Error('nothing came');
    expect(verified(request, secret)).toMatchObject({ type: 'webhook.ping', data: { endpointId: id } });
    expect(request.headers).toMatchObject({ authorization: 'Bearer theirs' });
    expect((await api.get<any>(`/webhook-endpoints/${id}`)).body.verifiedAt).toBe(answer.body.verifiedAt);
    const moved = await patch(id, { url: `${receiver.url}/elsewhere` });
    expect(moved.body.verifiedAt).toBeNull();
  });

  it('a handshake asks with OPTIONS and our name, and takes consent for it or for everybody', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 200 }, { status: 200, headers: { 'WebHook-Allowed-Origin': 'evil.example' } });
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await verify(id, 'handshake')).body).toMatchObject({
        ...{ verified: false, reason: 'origin_not_allowed', status: 200, verifiedAt: null },
      });
    }
    const consent = { 'WebHook-Allowed-Origin': 'events.quittance.example', 'WebHook-Allowed-Rate': '120' };
    receiver.answerNext({ status: 200, headers: consent });
    const { body } = await verify(id, 'handshake');
    expect(body).toMatchObject({ verified: true, allowedPerMinute: 120, verifiedAt: expect.any(String) });
    expect(receiver.requests[2]).toMatchObject({
      ...{ method: 'OPTIONS', body: '', headers: { 'webhook-request-origin': 'events.quittance.example' } },
    });
  });

  it('a receiver that fails is an answer, too, and takes no earlier consent away', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const { verifiedAt } = (await verify(id, 'ping')).body;
    receiver.answerNext({ status: 500 }, { hangUp: true });
    expect((await verify(id, 'ping')).body).toMatchObject({
      verified: false,
      reason: 'not_2xx',
      status: 500,
      verifiedAt,
    });
    expect((await verify(id, 'ping')).body).toMatchObject({
      ...{ verified: false, reason: 'connection_lost', status: null, verifiedAt },
    });
  });

  it('asks once under an Idempotency-Key; 400 by pointer; 404 for what is not there or not ours', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const key = { 'idempotency-key': newId() };
    const first = await verify(id, 'ping', key);
    const replay = await verify(id, 'ping', key);
    expect(replay.body).toEqual(first.body);
    expect(receiver.requests).toHaveLength(1);
    const wrong = await verify(id, 'sms');
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: '/method' }] } });
    expect((await verify(newId(), 'ping')).status).toBe(404);
    const stranger = await infrastructure.api(service.url, newId());
    const body = { method: 'ping' };
    expect((await stranger.post(`/webhook-endpoints/${id}/verify`, body)).status).toBe(404);
    expect(receiver.requests).toHaveLength(1);
  });

  it('where consent is asked for, events wait for it', async () => {
    const strict = await startWebhooks(infrastructure.env({ WEBHOOK_REQUIRE_VERIFIED: 'true', INSTANCE_ID: 'strict' }));
    await service.stop();
    try {
      api = await infrastructure.api(strict.url, tenantId);
      const open = await WebhookReceiver.start();
      const [held, free] = [await createEndpoint(api, receiver.url), await createEndpoint(api, open.url)];
      await verify(free.id, 'ping');
      await infrastructure.publish([eventOf('payment.posted', tenantId)]);
      await deliveriesOf(api, free.id, 'delivered');
      expect(receiver.requests).toHaveLength(0);
      await verify(held.id, 'ping');
      await deliveriesOf(api, held.id, 'delivered');
      expect(receiver.requests).toHaveLength(2);
      await open.stop();
    } finally {
      await strict.stop();
      service = await startWebhooks(infrastructure.env());
    }
  });
});

it('a deadline in the middle of a body frees the slot and is one failed attempt (F10)', async () => {
  const sockets: { destroyed: boolean }[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 100);
      socket.once('close', () => clearInterval(drip));
    });
  });
  const to = `http://127.0.0.1:${await listening(server)}/`;
  const { id } = await createEndpoint(api, to, { timeoutSeconds: 1 });
  await infrastructure.publish([eventOf('payment.posted', tenantId)]);
  const attempts = await attemptsOf(id, 'exhausted');
  expect(attempts.map(({ outcome, error }: any) => [outcome, error])).toEqual(
    Array.from({ length: 4 }, () => ['failed', 'timeout']),
  );
  await eventually(() => sockets.length === 4 && sockets.every(({ destroyed }) => destroyed));
});
