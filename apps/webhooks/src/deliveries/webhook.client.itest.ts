import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TargetGuard } from '../endpoints/target-guard.ts';
import { WebhookClient } from './webhook.client.ts';

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
  client = new WebhookClient(development, { timeoutMs });
});
afterEach(async () => {
  await client.onApplicationShutdown();
  for (const socket of connections) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const port = () => (server.address() as AddressInfo).port;
const post = (path = '/') =>
  client.send({
    url: new URL(`http://127.0.0.1:${port()}${path}`),
    headers: { 'webhook-id': 'x' },
    body: Buffer.from('{}'),
  });
const closed = async (socket: Socket | undefined) => {
  if (socket !== undefined && !socket.closed) await new Promise((resolve) => socket.once('close', resolve));
};

/** A connection is used again one turn of the loop after its answer: until then the receiver may still close it. */
const reusable = () => new Promise((resolve) => setImmediate(resolve));

describe('F10 a receiver that never comes to an end', () => {
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

  it('an endpoint’s own deadline goes before ours, and the next request finds its way', async () => {
    answer = () => undefined;
    const url = new URL(`http://127.0.0.1:${port()}/`);
    const reply = await client.send({ url, headers: {}, body: Buffer.from('{}'), timeoutMs: 100 });
    expect(reply).toMatchObject({ status: null, error: 'timeout' });
    await closed(connections[0]);
    answer = (socket) => socket.end('HTTP/1.1 204 Fine\r\n\r\n');
    expect(await post()).toMatchObject({ status: 204 });
  });
});

describe('F11 a receiver that answers too much', () => {
  it('an endless body is read to 64 KiB, 16 kept; a 2xx stays a success, the connection is destroyed', async () => {
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
    // What the kernel's buffers take in between is not ours; a gigabyte is.
    expect(connections[0]?.bytesWritten).toBeLessThan(32 * 1024 * 1024);
  });

  it('a body a little too long is read to its end, so that the connection lives on', async () => {
    answer = (socket) => {
      const all = () => socket.write(`HTTP/1.1 500 No\r\ncontent-length: 60000\r\n\r\n${'x'.repeat(60_000)}`);
      all();
      socket.on('data', all);
    };
    expect(await post()).toMatchObject({ status: 500, truncated: true });
    await reusable();
    const again = await post();
    expect(again.body).toHaveLength(16 * 1024);
    expect(connections).toHaveLength(1);
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
});

describe('F28 what no column can hold', () => {
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
});

describe('F12 a redirect', () => {
  it('is an answer like any other, without a second request', async () => {
    answer = (socket) =>
      socket.end(`HTTP/1.1 307 Go\r\nlocation: http://169.254.169.254/latest/\r\ncontent-length: 0\r\n\r\n`);
    expect(await post('/a')).toMatchObject({ status: 307, error: null });
    expect(connections).toHaveLength(1);
  });
});

describe('where the time of an attempt went', () => {
  it('the parts of a new connection, and none of them on one that is kept alive', async () => {
    answer = (socket) => {
      const fine = () => socket.write('HTTP/1.1 204 Fine\r\n\r\n');
      fine();
      socket.on('data', fine);
    };
    const first = await post();
    const whole = expect.any(Number);
    expect(first.timings).toEqual({
      ...{ dnsMs: null, connectMs: whole, tlsMs: null, firstByteMs: whole, remoteAddress: '127.0.0.1' },
    });
    expect(first.timings.firstByteMs).toBeLessThanOrEqual(first.durationMs);
    await reusable();
    const second = await post();
    expect(connections).toHaveLength(1);
    expect(second.timings).toEqual({ ...first.timings, connectMs: null, firstByteMs: whole });
  });

  it('a port where nobody listens', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const url = new URL(`http://127.0.0.1:${(gone.address() as AddressInfo).port}/`);
    await new Promise((resolve) => gone.close(resolve));
    expect(await client.send({ url, headers: {}, body: Buffer.from('{}') })).toMatchObject({
      error: 'connection_refused',
    });
  });
});
