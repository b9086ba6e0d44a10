import type { IncomingHttpHeaders } from 'node:http';
import { isSpanContextValid, trace } from '@opentelemetry/api';

/**
 * What of a request reaches a service. A list of what may, so that nothing else does: no credential, no cookie, no
 * X-Forwarded-* that somebody made up, no hop-by-hop header, and nothing that a later service might come to trust.
 */
export const FORWARDED = [
  'accept',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'traceparent',
  'tracestate',
  'user-agent',
] as const;
const OF_A_BODY: readonly string[] = ['content-encoding', 'content-length', 'content-type'];
const OF_A_TRACE: readonly string[] = ['traceparent', 'tracestate'];

/**
 * What of an answer stays inside: the connection's own headers, and what tells of our machinery or is the gateway's
 * to say.
 */
const INTERNAL = new Set([
  'connection',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'ratelimit',
  'ratelimit-policy',
  'server',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-powered-by',
  'x-request-id',
]);

export interface Identity {
  /** Absent for who called without a credential: the service is not told anybody. */
  internalToken?: string | undefined;
  requestId: string;
  ip: string;
  hasBody: boolean;
}

export function requestHeaders(
  incoming: IncomingHttpHeaders,
  { internalToken, requestId, ip, hasBody }: Identity,
  others: readonly string[] = [],
) {
  const headers: Record<string, string> = { 'x-request-id': requestId, 'x-forwarded-for': ip };
  if (internalToken !== undefined) headers['authorization'] = `Bearer ${internalToken}`;
  const traced = isTraced();
  for (const name of [...FORWARDED, ...others]) {
    const value = incoming[name];
    // A length without the body that it announces would keep the service waiting.
    const isMisleading = (!hasBody && OF_A_BODY.includes(name)) || (traced && OF_A_TRACE.includes(name));
    if (value !== undefined && !isMisleading) headers[name] = value as string;
  }
  return headers;
}

/** Then the HTTP client's instrumentation names our span to the service; two traceparents on a request are none. */
function isTraced(): boolean {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span);
}

export function responseHeaders(incoming: IncomingHttpHeaders): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const name in incoming) {
    if (!INTERNAL.has(name) && !name.startsWith('x-internal-')) headers[name] = incoming[name];
  }
  return headers;
}

/** On every answer of the gateway, whoever made it. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const;
