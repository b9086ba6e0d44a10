// The partners' side of scenario (k), in a process of its own: every endpoint of a run, and the log of what arrived.
// Bare sockets: a server of node:http costs as much processor time a request as the service that is being measured.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { answer } from './helper-process.ts';
import { intendedAtOf, nowMs, numberOf, scattered } from './webhooks-ids.ts';

/** How the endpoints of this list behave from now on; all others answer 200 at once. */
export interface Behaviour {
  readonly endpoints: readonly number[];
  readonly delayMs?: number;
  readonly status?: number;
  /** This share of the events is refused when it comes for the first time. */
  readonly failFirst?: number;
}

/** One row a request, in the order of arrival. */
export interface ArrivalLog {
  readonly length: number;
  readonly event: Uint32Array;
  readonly endpoint: Uint16Array;
  readonly status: Uint16Array;
  /** Epoch milliseconds, when the whole request was there. */
  readonly at: Float64Array;
  /** From the intended moment to this, in milliseconds. */
  readonly latency: Float32Array;
}

const ROWS_MAX = 6_000_000;
const log = {
  event: new Uint32Array(ROWS_MAX),
  endpoint: new Uint16Array(ROWS_MAX),
  status: new Uint16Array(ROWS_MAX),
  at: new Float64Array(ROWS_MAX),
  latency: new Float32Array(ROWS_MAX),
};
let length = 0;
let behaviours = new Map<number, Behaviour>();
let refusedOnce = new Set<number>();

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok';
const refusal = (status: number) => `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`;

function statusFor(endpoint: number, n: number): number {
  const behaviour = behaviours.get(endpoint);
  if (behaviour === undefined) return 200;
  if (behaviour.failFirst !== undefined && scattered(n ^ 0x5bd1e995) < behaviour.failFirst) {
    const key = n * 65_536 + endpoint;
    if (!refusedOnce.has(key)) {
      refusedOnce.add(key);
      return 500;
    }
  }
  return behaviour.status ?? 200;
}

function arrived(socket: Socket, head: string): void {
  const endpoint = parseInt(head.slice(head.indexOf('/e/') + 3), 10);
  const id = /\r\nwebhook-id: ?([0-9a-f-]{36})\r\n/i.exec(head)?.[1] ?? '';
  const n = numberOf(id);
  const at = nowMs();
  const status = statusFor(endpoint, n);
  log.event[length] = n;
  log.endpoint[length] = endpoint;
  log.status[length] = status;
  log.at[length] = at;
  log.latency[length] = at - intendedAtOf(id);
  length += 1;
  const reply = status === 200 ? OK : refusal(status);
  const delayMs = behaviours.get(endpoint)?.delayMs ?? 0;
  if (delayMs === 0) socket.write(reply);
  else setTimeout(() => socket.write(reply), delayMs);
}

/** One request at a time on a connection, as our client does; it may come in pieces. */
function serve(socket: Socket): void {
  let rest: Buffer | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = bytes;
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end + 2);
    const size = Number(/\r\ncontent-length: ?(\d+)/i.exec(head)?.[1] ?? 0);
    if (bytes.length < end + 4 + size) return;
    rest = undefined;
    arrived(socket, head);
  });
}

const server = createServer(serve);

answer({
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, () =>
        resolve((server.address() as AddressInfo).port),
      );
    }),
  behave(list: readonly Behaviour[]) {
    behaviours = new Map(list.flatMap((behaviour) => behaviour.endpoints.map((each) => [each, behaviour] as const)));
  },
  count: () => length,
  log: (): ArrivalLog => ({
    length,
    event: log.event.slice(0, length),
    endpoint: log.endpoint.slice(0, length),
    status: log.status.slice(0, length),
    at: log.at.slice(0, length),
    latency: log.latency.slice(0, length),
  }),
  forget() {
    length = 0;
    refusedOnce = new Set();
  },
});
