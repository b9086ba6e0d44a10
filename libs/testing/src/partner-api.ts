import { createHash, createHmac, randomUUID } from 'node:crypto';
import { Api } from './api.ts';
import type { ApiAnswer, ApiCall } from './api.ts';

export interface PartnerKey {
  apiKey: string;
  apiSecret: string;
}

export interface Signing {
  /** `date` alone by default: what a client of the seed's document does. */
  headers?: readonly string[];
  algorithm?: 'hmac-sha512' | 'hmac-sha384' | 'hmac-sha256';
  date?: string;
}

export interface ToSign {
  method: string;
  url: string;
  body?: string;
  headers?: Record<string, string>;
}

/** What the strict profile asks for. */
export const STRICT = ['(request-target)', 'host', 'date', 'digest', 'idempotency-key'] as const;

/** The headers of a signed request, written apart from the gateway's code that reads them. */
export function signedHeaders(
  { apiKey, apiSecret }: PartnerKey,
  request: ToSign,
  signing: Signing = {},
): Record<string, string> {
  const { headers: names = ['date'], algorithm = 'hmac-sha512', date = new Date().toUTCString() } = signing;
  const { host, pathname, search } = new URL(request.url);
  const given: Record<string, string> = { date, 'x-api-key': apiKey, ...request.headers };
  const digest = `SHA-256=${createHash('sha256')
    .update(request.body ?? '')
    .digest('base64')}`;
  if (names.includes('digest')) given['digest'] ??= digest;
  if (names.includes('idempotency-key')) given['idempotency-key'] ??= randomUUID();
  const target = `${request.method.toLowerCase()} ${pathname}${search}`;
  const values: Record<string, string> = { ...given, host, '(request-target)': target };
  const text = names.map((name) => `${name}: ${values[name] ?? ''}`).join('\n');
  const signature = createHmac(algorithm.slice(5), apiSecret).update(text).digest('base64');
  // The vendor's clients leave the parameter out where the date alone is signed.
  const signed = names.length === 1 && names[0] === 'date' ? '' : `headers="${names.join(' ')}",`;
  const parameters = `keyId="${apiKey}",algorithm="${algorithm}",${signed}signature="${encodeURIComponent(signature)}"`;
  return { ...given, authorization: `Signature ${parameters}` };
}

/** A partner: every request is signed as it is sent. */
export class PartnerApi extends Api {
  constructor(
    private readonly url: string,
    private readonly key: PartnerKey,
    private readonly signing: Signing = {},
  ) {
    super(url);
  }

  override async send<T = Record<string, unknown>>(method: string, path: string, call: ApiCall = {}) {
    const { body } = call;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const request = { method, url: `${this.url}${path}`, ...(text === undefined ? {} : { body: text }) };
    const headers = signedHeaders(
      this.key,
      { ...request, ...(call.headers ? { headers: call.headers } : {}) },
      this.signing,
    );
    const answer: Promise<ApiAnswer<T>> = super.send<T>(method, path, { body: text, headers });
    return answer;
  }
}
