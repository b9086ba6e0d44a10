import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { instrumentOf } from './charges.ts';
import type { ChargeRequest, Charges } from './charges.ts';
import { expiry, plannedTokens } from './instruments.ts';

const bodyBytesMax = 64 * 1024;

/**
 * A payment provider as our adapter sees one: HTTP and JSON, its own store, idempotency by the caller's key.
 *
 *   GET  /instruments/{token}   what a token stands for
 *   POST /charges               { key, token, amountMinor, currency, subject }
 *   GET  /charges/{key}         the charge of a key, 404 when it was never seen
 *   GET  /charges?subject=      every charge of a subject
 *   GET  /health
 */
export function sandboxServer(charges: Charges, onError: (error: unknown) => void): Server {
  return createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    route(charges, request, response).catch((error: unknown) => {
      if (error instanceof BadRequest) return answer(response, 400, { code: 'bad_request', detail: error.message });
      onError(error);
      return answer(response, 500, { code: 'internal' });
    });
  });
}

class BadRequest extends Error {}

async function route(charges: Charges, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const [, collection, name] = url.pathname.split('/').map(decodeURIComponent);
  if (request.method === 'GET' && collection === 'health') return answer(response, 200, { status: 'ok' });
  if (request.method === 'GET' && collection === 'instruments' && name) return describe(response, name);
  if (request.method === 'POST' && collection === 'charges') return charge(charges, await read(request), response);
  if (request.method === 'GET' && collection === 'charges' && name) {
    const found = charges.find(name);
    return found ? answer(response, 200, found) : answer(response, 404, { code: 'never_seen' });
  }
  if (request.method === 'GET' && collection === 'charges') {
    return answer(response, 200, { charges: charges.ofSubject(url.searchParams.get('subject') ?? '') });
  }
  return answer(response, 404, { code: 'not_found' });
}

function describe(response: ServerResponse, token: string): void {
  const instrument = instrumentOf(token);
  if (instrument) {
    const { brand, last4 } = instrument;
    const fingerprint = `fp_${brand}_${last4}`;
    const rest = { expiresOn: `${expiry.year}-${expiry.month}-31`, currency: null, fingerprint, mandate: null };
    return answer(response, 200, { type: 'card', brand, last4, ...rest });
  }
  return plannedTokens.has(token)
    ? answer(response, 422, { code: 'not_available', detail: `The sandbox does not offer ${token} yet` })
    : answer(response, 404, { code: 'unknown_token' });
}

function charge(charges: Charges, request: ChargeRequest, response: ServerResponse): void {
  const instrument = instrumentOf(request.token);
  if (!instrument) return answer(response, 422, { code: 'unknown_token' });
  if (instrument.failsBefore) return answer(response, 503, { code: 'not_processed' });
  const made = charges.charge(request, instrument);
  if (made === 'conflict') return answer(response, 409, { code: 'key_reused' });
  // A silent instrument keeps its caller waiting: the connection stays open until the caller gives up.
  if (!instrument.isSilent) answer(response, 200, made);
}

async function read(request: IncomingMessage): Promise<ChargeRequest> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > bodyBytesMax) throw new BadRequest('the body is too large');
  }
  let body: Partial<Record<keyof ChargeRequest, unknown>>;
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    throw new BadRequest('the body is not JSON');
  }
  const { key, token, amountMinor, currency, subject } = body;
  if (!isText(key) || !isText(token) || !isText(currency) || !isText(subject)) {
    throw new BadRequest('key, token, currency and subject are strings');
  }
  if (!Number.isSafeInteger(amountMinor) || (amountMinor as number) <= 0) {
    throw new BadRequest('amountMinor is a positive integer');
  }
  return { key, token, amountMinor: amountMinor as number, currency, subject };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 200;

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
