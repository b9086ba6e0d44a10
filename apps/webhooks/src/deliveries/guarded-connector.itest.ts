import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { eventually } from '@quittance/testing/eventually';
import { TargetGuard } from '../endpoints/target-guard.ts';
import { TestAuthority } from '../testing/certificates.itest.ts';
import { TestDnsServer } from '../testing/dns-server.itest.ts';
import type { Zone } from '../testing/dns-server.itest.ts';
import { Connection } from './connection.ts';
import { parseProxy } from './forward-proxy.ts';
import { GuardedConnector, TlsContext } from './guarded-connector.ts';
import type { TlsIdentity } from './guarded-connector.ts';
import { nameResolver } from './resolve-name.ts';
import { WebhookClient } from './webhook.client.ts';
import type { ClientSettings } from './webhook.client.ts';

const development = ['127.0.0.0/8', '::1/128'];
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

function clientOf(allowedCidrs: readonly string[], settings: Partial<ClientSettings> = {}): WebhookClient {
  const client = new WebhookClient(new TargetGuard({ allowHttp: true, allowedCidrs }), {
    timeoutMs: 5_000,
    ...settings,
  });
  cleanUp.push(() => client.onApplicationShutdown());
  return client;
}

const post = (client: WebhookClient, url: string, tls: TlsIdentity | null = null) =>
  client.send({ url: new URL(url), headers: {}, body: Buffer.from('{}'), tls });

async function listening<T extends Server | HttpServer>(server: T): Promise<{ server: T; port: number }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Answers 204, and counts who came. */
async function receiver() {
  let connections = 0;
  const { port } = await listening(
    createServer((socket) => {
      connections += 1;
      socket.on('data', () => socket.write('HTTP/1.1 204 Fine\r\n\r\n'));
    }),
  );
  return { port, connections: () => connections };
}

async function dns(zone: Zone) {
  const server = await TestDnsServer.start(zone);
  cleanUp.push(() => server.stop());
  return { server, resolve: nameResolver([server.address]) };
}

describe('F13 what a name may resolve to', () => {
  // A public and a private address would otherwise be a coin toss into the internal network.
  it.each<[string, Zone]>([
    ['a private address', (_, type) => (type === 'A' ? ['A 127.0.0.1'] : [])],
    ['a public and a private one', (_, type) => (type === 'A' ? ['A 93.184.215.14', 'A 127.0.0.1'] : [])],
    ['a public one, and a private one as AAAA', (_, type) => (type === 'A' ? ['A 93.184.215.14'] : ['AAAA ::1'])],
    ['the metadata service of a cloud', (_, type) => (type === 'AAAA' ? ['AAAA fd00:ec2::254'] : [])],
    ['a CNAME to a private name', (_, type) => (type === 'A' ? ['CNAME inside.test', 'A 127.0.0.1'] : [])],
    ['IPv4 inside IPv6', (_, type) => (type === 'AAAA' ? ['AAAA ::ffff:7f00:1'] : [])],
  ])('%s is refused, and nobody is connected to', async (_name, zone) => {
    const to = await receiver();
    const { server, resolve } = await dns(zone);
    const reply = await post(clientOf([], { resolve }), `http://partner.test:${to.port}/`);
    expect(reply).toMatchObject({ status: null, error: 'target_not_allowed' });
    expect(reply.timings.remoteAddress).toBeNull();
    expect(server.asked.toSorted()).toEqual(['partner.test A', 'partner.test AAAA']);
    expect(to.connections()).toBe(0);
  });

  it('a name that is public when it is checked and private afterwards is asked once a connection', async () => {
    const to = await receiver();
    const answers = ['127.0.0.1', '10.0.0.1'];
    const { server, resolve } = await dns((_, type) => (type === 'A' ? [`A ${answers.shift()}`] : []));
    const client = clientOf(development, { resolve });
    expect(await post(client, `http://partner.test:${to.port}/`)).toMatchObject({ status: 204 });
    expect(server.asked).toHaveLength(2);
    await new Promise((resolve) => setImmediate(resolve));
    // The same connection, whatever the name says by now; and where a new one is needed it is refused.
    expect(await post(client, `http://partner.test:${to.port}/`)).toMatchObject({ status: 204 });
    expect(await post(client, `http://partner.test:${to.port + 1}/`)).toMatchObject({ error: 'target_not_allowed' });
    expect(to.connections()).toBe(1);
  });

  it('a name server that leaves AAAA unanswered costs time and not the delivery', async () => {
    const to = await receiver();
    const { resolve } = await dns((_, type) => (type === 'A' ? ['A 127.0.0.1'] : undefined));
    expect(await post(clientOf(development, { resolve }), `http://partner.test:${to.port}/`)).toMatchObject({
      status: 204,
    });
  });

  it.each<[string, Zone]>([
    ['no address', () => []],
    ['no answer', () => undefined],
  ])('a name with %s is a failed attempt', async (_name, zone) => {
    const { resolve } = await dns(zone);
    expect(await post(clientOf(development, { resolve }), 'http://partner.test/')).toMatchObject({
      ...{ status: null, error: 'name_not_resolved' },
    });
  });
});

describe('F14 where a connection may lead', () => {
  // WHATWG URL parsing turns every spelling into an address before it gets here; a name goes through the lookup.
  it.each([
    ...['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '0', '[::1]', '[::ffff:127.0.0.1]', '[::]', '127.0.0.1.'],
    ...['localhost', 'localhost.', 'a.localhost', '１２７.0.0.1', '127。0。0。1', '%31%32%37.0.0.1'],
  ])('never connects to %s', async (host) => {
    const to = await receiver();
    expect(await post(clientOf([]), `http://${host}:${to.port}/`)).toMatchObject({
      ...{ status: null, error: 'target_not_allowed' },
    });
    expect(to.connections()).toBe(0);
  });

  it('an allowed name is reached in the same way', async () => {
    const to = await receiver();
    expect(await post(clientOf(development), `http://localhost:${to.port}/`)).toMatchObject({ status: 204 });
  });
});

describe('TLS', () => {
  const authority = new TestAuthority();
  const client = authority.issue();
  const identity: TlsIdentity = { key: 'ours', ...client, ca: authority.certificate };

  async function tlsReceiver(options: TlsOptions = {}) {
    const { certificate: cert, privateKey: key } = authority.issue();
    const names: string[] = [];
    const server = createTlsServer({ cert, key, ca: authority.certificate, ...options }, (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      names.push(String(socket.getPeerCertificate().fingerprint256));
      socket.on('data', () => socket.write('HTTP/1.1 204 Fine\r\n\r\n'));
    });
    const { port } = await listening(server);
    return { port, names };
  }

  it('a certificate that no root of ours has signed is refused', async () => {
    const { port, names } = await tlsReceiver();
    expect(await post(clientOf(development), `https://127.0.0.1:${port}/`)).toMatchObject({ error: 'tls_failed' });
    expect(names).toEqual([]);
  });

  it('mTLS: our certificate is shown to a receiver whose certificate is from the pinned root', async () => {
    const { port, names } = await tlsReceiver({ requestCert: true, rejectUnauthorized: true });
    const reply = await post(clientOf(development), `https://127.0.0.1:${port}/`, identity);
    expect(reply).toMatchObject({ status: 204 });
    expect(reply.timings.tlsMs).toEqual(expect.any(Number));
    expect(names).toEqual([expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)]);
  });

  it('a receiver that wants a certificate from another root is a failed attempt', async () => {
    const stranger = new TestAuthority().issue();
    const { port } = await tlsReceiver({ requestCert: true, rejectUnauthorized: true });
    const other: TlsIdentity = { key: 'other', ...stranger, ca: authority.certificate };
    const { status, error } = await post(clientOf(development), `https://127.0.0.1:${port}/`, other);
    expect(status).toBeNull();
    // With TLS 1.3 the refusal comes after our half of the handshake: as an alert, or as a closed connection.
    expect(['tls_failed', 'connection_lost']).toContain(error);
  });

  it('two identities never share a connection, one identity does', async () => {
    const { port, names } = await tlsReceiver({ requestCert: true, rejectUnauthorized: true });
    const using = clientOf(development);
    const second: TlsIdentity = { key: 'second', ...authority.issue(), ca: authority.certificate };
    for (const each of [identity, second, identity]) {
      expect(await post(using, `https://127.0.0.1:${port}/`, each)).toMatchObject({ status: 204 });
    }
    expect(new Set(names).size).toBe(2);
    expect(names).toHaveLength(2);
  });

  it('a certificate for another name is refused', async () => {
    const { port } = await tlsReceiver();
    const { resolve } = await dns((_, type) => (type === 'A' ? ['A 127.0.0.1'] : []));
    const using = clientOf(development, { resolve });
    expect(await post(using, `https://partner.test:${port}/`, identity)).toMatchObject({ status: 204 });
  });

  // Node does not check the name again when a session is resumed.
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('what was refused is refused again (%s)', async (max) => {
    const { port } = await tlsReceiver({ maxVersion: max });
    const guard = new TargetGuard({ allowHttp: true, allowedCidrs: development });
    const connector = new GuardedConnector(guard, () => Promise.resolve(['127.0.0.1']));
    const tls = new TlsContext(identity);
    const open = (hostname: string) => connector.open({ hostname, port, isSecure: true }, tls, new Connection());
    for (let times = 0; times < 3; times += 1) await expect(open('other.test')).rejects.toThrow('altnames');
    (await open('partner.test')).destroy();
  });

  it('nothing below TLS 1.2', async () => {
    const old: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const { port } = await tlsReceiver(old);
    expect(await post(clientOf(development), `https://127.0.0.1:${port}/`, identity)).toMatchObject({
      ...{ status: null, error: 'tls_failed' },
    });
  });

  it('a handshake that never ends is cut by the deadline, and its connection with it', async () => {
    let closed = false;
    const { port } = await listening(createServer((socket) => socket.once('close', () => (closed = true)).resume()));
    const reply = await post(clientOf(development, { timeoutMs: 300 }), `https://127.0.0.1:${port}/`);
    expect(reply).toMatchObject({ status: null, error: 'timeout' });
    await eventually(() => closed);
  });
});

describe('a forward proxy', () => {
  async function proxy(status = 200) {
    const asked: { path: string; authorization: string | undefined }[] = [];
    const { server, port } = await listening(createHttpServer());
    server.on('connect', (request, socket: Socket) => {
      asked.push({ path: String(request.url), authorization: request.headers['proxy-authorization'] });
      socket.on('error', () => undefined);
      if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      const [host = '', to = ''] = String(request.url).split(':');
      const onward = connect(Number(to), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    return { asked, proxy: parseProxy(`http://egress:pa%20ss@127.0.0.1:${port}`) };
  }

  it('is asked for the address that was checked, never for the name', async () => {
    const to = await receiver();
    const { asked, proxy: through } = await proxy();
    const { resolve } = await dns((_, type) => (type === 'A' ? ['A 127.0.0.1'] : []));
    const reply = await post(clientOf(development, { resolve, proxy: through }), `http://partner.test:${to.port}/`);
    expect(reply).toMatchObject({ status: 204 });
    const authorization = `Basic ${Buffer.from('egress:pa ss').toString('base64')}`;
    expect(asked).toEqual([{ path: `127.0.0.1:${to.port}`, authorization }]);
  });

  it('gives no way to where requests may not go', async () => {
    const { asked, proxy: through } = await proxy();
    const { resolve } = await dns((_, type) => (type === 'A' ? ['A 10.0.0.1'] : []));
    const client = clientOf([], { resolve, proxy: through });
    expect(await post(client, 'http://partner.test/')).toMatchObject({ error: 'target_not_allowed' });
    expect(await post(client, 'http://10.0.0.1/')).toMatchObject({ error: 'target_not_allowed' });
    expect(asked).toEqual([]);
  });

  it('that says no is a failed attempt of its own kind', async () => {
    const { proxy: through } = await proxy(407);
    expect(await post(clientOf(development, { proxy: through }), 'http://127.0.0.1/')).toMatchObject({
      ...{ status: null, error: 'proxy_failed' },
    });
  });
});
