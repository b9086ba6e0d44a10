import type { Dispatcher } from 'undici';
import { noTimings } from './connection.ts';
import type { AttemptTimings, Connection } from './connection.ts';
import type { WebhookReply } from './webhook.client.ts';

const bodyBytesKept = 16 * 1024;
const bodyBytesRead = 64 * 1024;

/**
 * One request and its answer. The first of end, error, cap and deadline decides; what comes after is ignored. An answer
 * that is longer than we keep is read a little further, which saves a good connection, and then cut off with it.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Set by the client that takes the request, maybe after others have left it. */
  connection: Connection | undefined;
  private readonly startedAt = new Date();
  private readonly started = performance.now();
  private readonly timer: NodeJS.Timeout;
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private read = 0;
  private controller: Dispatcher.DispatchController | undefined;
  private done = false;
  private status: number | null = null;
  private headers: Record<string, string> = {};
  private timings: AttemptTimings | undefined;
  private firstByteMs: number | null = null;

  constructor(
    private readonly resolve: (reply: WebhookReply) => void,
    timeoutMs: number,
  ) {
    this.timer = setTimeout(() => this.finish('timeout', true), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.timings = this.connection?.takeTimings();
    // The deadline passed while the connection was being made: the request must not go out any more.
    if (this.done) controller.abort(new Error('deadline'));
  }

  onResponseStarted(): void {
    this.firstByteMs ??= this.elapsed();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (status < 200) return;
    this.status = status;
    this.headers = plainHeaders(headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.read += chunk.length;
    const part = chunk.subarray(0, bodyBytesKept - this.kept);
    // A copy: the chunk is a window into a read buffer that would otherwise be kept alive whole.
    if (part.length > 0) this.chunks.push(Buffer.from(part));
    this.kept += part.length;
    if (this.read > bodyBytesRead) this.finish(null, true);
  }

  onResponseEnd(): void {
    this.finish(null, false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null | undefined, error: Error): void {
    this.finish(errorCode(error), true);
  }

  private finish(error: string | null, isCut: boolean): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.timer);
    if (isCut) this.cut();
    this.resolve({
      status: error === null ? this.status : null,
      error,
      retryAfter: this.headers['retry-after'] ?? null,
      instruction: this.headers['webhook-delivery']?.trim().toLowerCase() ?? null,
      startedAt: this.startedAt,
      durationMs: this.elapsed(),
      headers: this.headers,
      body: this.kept > 0 ? Buffer.concat(this.chunks) : null,
      truncated: this.read > this.kept,
      // A request that never started has what its connection took until it failed.
      timings: { ...(this.timings ?? this.connection?.takeTimings() ?? noTimings), firstByteMs: this.firstByteMs },
    });
  }

  private cut(): void {
    if (this.controller === undefined) this.connection?.abandon();
    else this.controller.abort(new Error('not read further'));
  }

  private elapsed(): number {
    return Math.round(performance.now() - this.started);
  }
}

/** A closed vocabulary: what a partner reads about a failed attempt names no address and no internals of ours. */
function errorCode(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (['target_not_allowed', 'name_not_resolved', 'proxy_failed'].includes(code)) return code;
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'timeout';
  if (/CERT|TLS|SSL|SELF_SIGNED|ISSUER|VERIFY|EPROTO/.test(code)) return 'tls_failed';
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'invalid_response';
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code) ? 'connection_lost' : 'request_failed';
}

/** As text without control characters; a header sent several times is joined. */
function plainHeaders(headers: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '?')]));
}
