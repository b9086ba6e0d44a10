import type { OnApplicationShutdown } from '@nestjs/common';
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { Dispatcher } from 'undici';
import { bareHost } from '../endpoints/target-guard.ts';
import type { TargetGuard } from '../endpoints/target-guard.ts';
import type { Reply } from '../domain/delivery.ts';

const lookupBudgetMs = 2_000;
const bodyBytesMax = 16 * 1024;
const headersBytesMax = 16 * 1024;

export interface WebhookRequest {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface WebhookReply extends Reply {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  readonly truncated: boolean;
}

/** A connection was refused because of where it leads. It keeps the address to itself: that tells of our network. */
class TargetRefused extends Error {
  readonly code = 'target_not_allowed';
}

/**
 * Speaks to receivers we do not trust: no redirects, no cookies, no decompression, no proxy from the environment, TLS
 * always verified, one deadline over everything, and no more of the answer read than is kept. Every address that a name
 * resolves to is checked, only those are used, literals are checked apart (Node does not look them up), and the peer of
 * the finished connection once more, so that a name which changes its mind gains nothing.
 *
 * Never throws for what a receiver does: whatever happens is a reply.
 */
export class WebhookClient implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(
    private readonly guard: TargetGuard,
    private readonly timeoutMs: number,
  ) {
    this.agent = new Agent({
      connect: guardedConnector(guard, timeoutMs),
      pipelining: 1,
      keepAliveTimeout: 30_000,
      maxHeaderSize: headersBytesMax,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  post({ url, headers, body }: WebhookRequest): Promise<WebhookReply> {
    if (this.guard.refusal(url) !== null) return Promise.resolve(unanswered('target_not_allowed'));
    return new Promise((resolve) => {
      const exchange = new Exchange(resolve, this.timeoutMs);
      const request = { origin: url.origin, path: url.pathname + url.search, method: 'POST' as const, headers, body };
      try {
        this.agent.dispatch(request, exchange);
      } catch (error) {
        exchange.onResponseError(undefined, error as Error);
      }
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

/** One request and its answer. The first of end, error, cap and deadline decides; what comes after is ignored. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly startedAt = new Date();
  private readonly started = performance.now();
  private readonly timer: NodeJS.Timeout;
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private controller: Dispatcher.DispatchController | undefined;
  private done = false;
  private status: number | null = null;
  private headers: Record<string, string> = {};

  constructor(
    private readonly resolve: (reply: WebhookReply) => void,
    timeoutMs: number,
  ) {
    this.timer = setTimeout(() => this.finish('timeout', false), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // The deadline passed while the connection was being made: the request must not go out any more.
    if (this.done) controller.abort(new Error('deadline'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (status < 200) return;
    this.status = status;
    this.headers = plainHeaders(headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = bodyBytesMax - this.size;
    // A copy: the chunk is a window into a read buffer that would otherwise be kept alive whole.
    this.chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.size += Math.min(chunk.length, room);
    if (chunk.length > room) this.finish(null, true);
  }

  onResponseEnd(): void {
    this.finish(null, false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.finish(errorCode(error), false);
  }

  private finish(error: string | null, truncated: boolean): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.timer);
    if (error !== null || truncated) this.controller?.abort(new Error(error ?? 'the answer is long enough'));
    this.resolve({
      status: error === null ? this.status : null,
      error,
      retryAfter: this.headers['retry-after'] ?? null,
      instruction: this.headers['webhook-delivery']?.trim().toLowerCase() ?? null,
      startedAt: this.startedAt,
      durationMs: Math.round(performance.now() - this.started),
      headers: this.headers,
      body: this.size > 0 ? Buffer.concat(this.chunks) : null,
      truncated,
    });
  }
}

function guardedConnector(guard: TargetGuard, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ lookup: guardedLookup(guard), timeout: timeoutMs, allowH2: false });
  return (options, callback) => {
    const host = bareHost(options.hostname);
    if (isIP(host) !== 0 && !guard.permits(host)) return callback(new TargetRefused(), null);
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (socket.remoteAddress !== undefined && guard.permits(socket.remoteAddress)) return callback(null, socket);
      socket.destroy();
      callback(new TargetRefused(), null);
    });
  };
}

/** All addresses or none: a name that also resolves to a forbidden one is refused as a whole. */
export function guardedLookup(guard: TargetGuard, resolveAll: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    let answered = false;
    const answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      const [first] = addresses;
      if (error !== null || first === undefined) return callback(error ?? coded('ENOTFOUND'), '', 0);
      if (!addresses.every(({ address }) => guard.permits(address))) return callback(new TargetRefused(), '', 0);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    };
    const timer = setTimeout(() => answer(coded('EDNSTIMEOUT'), []), lookupBudgetMs);
    resolveAll(hostname, { ...options, all: true }, answer);
  };
}

/** A closed vocabulary: what a partner reads about a failed attempt names no address and no internals of ours. */
function errorCode(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'target_not_allowed') return code;
  if (['ENOTFOUND', 'EAI_AGAIN', 'EDNSTIMEOUT'].includes(code)) return 'name_not_resolved';
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'timeout';
  if (/CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code)) return 'tls_failed';
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'invalid_response';
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code) ? 'connection_lost' : 'request_failed';
}

/** As text without control characters; a header sent several times is joined. */
function plainHeaders(headers: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '?')]));
}

function coded(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

/** A reply to a request that was never sent. */
export function unanswered(error: string): WebhookReply {
  const nothing = { status: null, retryAfter: null, instruction: null, headers: {}, body: null };
  return { ...nothing, error, startedAt: new Date(), durationMs: 0, truncated: false };
}
