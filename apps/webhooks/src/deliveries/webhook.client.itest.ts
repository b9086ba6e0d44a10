import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TargetGuard } from '../endpoints/target-guard.ts';
import { guardedLookup, WebhookClient } from './webhook.client.ts';

const timeoutMs = 1_000;
const development = new TargetGuard({ allowHttp: true, allowedCidrs: ['127.0.0.0/8'] });

let server: Server;
let connections: Socket[];
let answer: (socket: Socket) => void;
let client: WebhookClient;

beforeEach(async () => {
  connections = [];
  server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new WebhookClient(development, timeoutMs);
});
afterEach(async () => {
  await client.onApplicationShutdown();
  for (const socket of connections) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const port = () => (server.address() as AddressInfo).port;
const post = (path = '/', host = '127.0.0.1', using = client) =>
  using.post({
    url: new URL(`http://${host}:${port()}${path}`),
    headers: { 'webhook-id': 'x' },
    body: Buffer.from('{}'),
  });
const closed = async (socket: Socket | undefined) => {
  if (socket !== undefined && !socket.closed) await new Promise((resolve) => socket.once('close', resolve));
};

describe('a hostile receiver', () => {
  it('headers that never end are cut by the deadline, and the connection with them', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      const drip = setInterval(() => socket.write('y'), 20);
      socket.once('close', () => clearInterval(drip));
    };
    const reply = await post();
    expect(reply).toMatchObject({ status: null, error: 'timeout' });
    expect(reply.durationMs).toBeLessThan(timeoutMs * 3);
    await closed(connections[0]);
  });

  it('one byte of the body at a time is cut by the same deadline', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => clearInterval(drip));
    };
    const reply = await post();
    expect(reply).toMatchObject({ status: null, error: 'timeout' });
    expect(reply.durationMs).toBeGreaterThanOrEqual(timeoutMs - 5);
    await closed(connections[0]);
  });

  it('an endless body is read to 16 KiB; a 2xx stays a success and the connection is destroyed', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const flood = () => {
        while (!socket.destroyed && socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`));
        if (!socket.destroyed) socket.once('drain', flood);
      };
      flood();
    };
    const reply = await post();
    expect(reply).toMatchObject({ status: 200, error: null, truncated: true });
    expect(reply.body).toHaveLength(16 * 1024);
    await closed(connections[0]);
  });

  it('a compressed body is kept as it came and never inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024));
    answer = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    };
    const reply = await post();
    expect(reply.status).toBe(200);
    expect(reply.body?.length).toBe(Math.min(bomb.length, 16 * 1024));
  });

  it('huge headers and no HTTP at all are failed attempts', async () => {
    answer = (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(await post()).toMatchObject({ status: null, error: 'invalid_response' });
    answer = (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    expect(await post()).toMatchObject({ status: null, error: 'invalid_response' });
  });

  it('control and non-ASCII characters in headers are made harmless, repeated ones are joined', async () => {
    answer = (socket) =>
      socket.end(
        'HTTP/1.1 500 No\r\nx-name: caf\xe9\t!\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n',
        'latin1',
      );
    const { headers } = await post();
    expect(headers['x-name']).toMatch(/^caf\?+!$/);
    expect(headers['set-cookie']).toBe('a=1, b=2');
  });

  it('a redirect is an answer like any other, without a second request', async () => {
    answer = (socket) =>
      socket.end(`HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:${port()}/b\r\ncontent-length: 0\r\n\r\n`);
    expect(await post('/a')).toMatchObject({ status: 307, error: null });
    expect(connections).toHaveLength(1);
  });

  it('a port where nobody listens', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const url = new URL(`http://127.0.0.1:${(gone.address() as AddressInfo).port}/`);
    await new Promise((resolve) => gone.close(resolve));
    expect(await client.post({ url, headers: {}, body: Buffer.from('{}') })).toMatchObject({
      error: 'connection_refused',
    });
  });
});

describe('where a connection may lead', () => {
  const strict = new WebhookClient(new TargetGuard({ allowHttp: true, allowedCidrs: [] }), timeoutMs);
  afterAll(() => strict.onApplicationShutdown());

  // WHATWG URL parsing turns every spelling into an address before it gets here; a name goes through the lookup.
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
    '127.0.0.1.',
  ])('never connects to %s', async (host) => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n');
    expect(await post('/', host, strict)).toMatchObject({ status: null, error: 'target_not_allowed' });
    expect(connections).toHaveLength(0);
  });

  it('an allowed name is reached through the same lookup', async () => {
    answer = (socket) => socket.end('HTTP/1.1 204 Fine\r\n\r\n');
    const both = new WebhookClient(
      new TargetGuard({ allowHttp: true, allowedCidrs: ['127.0.0.0/8', '::1/128'] }),
      timeoutMs,
    );
    expect(await post('/', 'localhost', both)).toMatchObject({ status: 204 });
    await both.onApplicationShutdown();
  });
});

describe('guardedLookup', () => {
  const guard = new TargetGuard({ allowHttp: false, allowedCidrs: [] });
  const resolving = (...addresses: string[]) =>
    guardedLookup(guard, ((_name: string, _options: object, callback: (error: null, all: object[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never);
  const lookedUp = (...addresses: string[]) =>
    new Promise<unknown>((resolve) =>
      resolving(...addresses)('partner.example', { all: true }, (error, found) => resolve(error?.message ?? found)),
    );
  const code = (...addresses: string[]) =>
    new Promise<unknown>((resolve) =>
      resolving(...addresses)('partner.example', { all: true }, (error) =>
        resolve((error as { code?: string } | null)?.code),
      ),
    );

  it('hands on exactly the addresses it checked', async () => {
    expect(await lookedUp('93.184.215.14', '2606:4700::1')).toEqual([
      { address: '93.184.215.14', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
  });

  // A name with one public and one private address would otherwise be a coin toss into the internal network.
  it.each([[['127.0.0.1']], [['93.184.215.14', '10.0.0.1']], [['2606:4700::1', 'fd00:ec2::254']]])(
    'refuses %j as a whole',
    async (addresses) => {
      expect(await code(...addresses)).toBe('target_not_allowed');
    },
  );

  it('a name without an address is not found', async () => {
    expect(await code()).toBe('ENOTFOUND');
  });
});
