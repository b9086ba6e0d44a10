import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { actionPage, pageToReturnTo } from './action-page.ts';
import type { Books } from './books.ts';
import { described, instrumentOf } from './instruments.ts';
import type { Operation } from './instruments.ts';
import { BadRequest, isDate, isForm, operationRequest, readForm, readJson, text } from './requests.ts';
import type { Done } from './operations.ts';

export interface ServerOptions {
  readonly onError: (error: unknown) => void;
  /** Where a customer's browser finds this server; where the request came to when absent. */
  readonly publicUrl?: string | undefined;
}

interface Exchange {
  readonly books: Books;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** The second part of the path, empty when there is none. */
  readonly name: string;
  readonly publicUrl: string;
}

const operations: Readonly<Record<string, Operation>> = {
  charges: 'charge',
  captures: 'capture',
  voids: 'void',
  refunds: 'refund',
};

/**
 * A payment provider as our adapter sees one: HTTP and JSON, its own store, idempotency by the caller's key.
 *
 *   GET  /instruments/{token}   what a token stands for
 *   POST /charges               { key, token, amountMinor, currency, subject, capture?, account?, on? }
 *   POST /captures, /voids, /refunds    { key, chargeRef, amountMinor, currency, account?, on? }
 *   GET  /charges/{key} …       what became of a key, 404 when it was never seen
 *   GET  /charges?subject=      every charge of a subject
 *   GET  /actions/{ref}         the page of a bank that asks its customer
 *   POST /actions/{ref}         { approve: true|false }
 *   POST /days                  { account, on }: what happened on a test clock up to the end of that day
 *   GET  /health
 */
export function sandboxServer(books: Books, { onError, publicUrl }: ServerOptions): Server {
  return createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'sandbox'}`);
    const [, collection = '', name = ''] = url.pathname.split('/').map(decodeURIComponent);
    const exchange = { books, request, response, url, name, publicUrl: publicUrl ?? url.origin };
    route(exchange, `${request.method} ${collection}`).catch((error: unknown) => {
      if (error instanceof BadRequest) return answer(response, 400, { code: 'bad_request', detail: error.message });
      onError(error);
      return answer(response, 500, { code: 'internal' });
    });
  });
}

async function route(exchange: Exchange, what: string): Promise<void> {
  const { books, response, url, name } = exchange;
  const [method, collection = ''] = what.split(' ');
  const operation = Object.hasOwn(operations, collection) ? operations[collection] : undefined;
  if (operation && method === 'POST' && name === '') return operate(exchange, operation);
  if (operation && method === 'GET' && name !== '') return lookup(exchange, operation);
  switch (what) {
    case 'GET health':
      return answer(response, 200, { status: 'ok' });
    case 'GET instruments': {
      const instrument = instrumentOf(name);
      if (instrument) return answer(response, 200, described(name, instrument));
      return answer(response, 404, { code: 'unknown_token' });
    }
    case 'GET charges':
      return answer(response, 200, { charges: books.ofSubject(url.searchParams.get('subject') ?? '') });
    case 'GET actions':
      return showAction(exchange);
    case 'POST actions':
      return act(exchange);
    case 'POST days':
      return reachDay(exchange);
    default:
      return answer(response, 404, { code: 'not_found' });
  }
}

async function operate({ books, request, response, publicUrl }: Exchange, operation: Operation): Promise<void> {
  const asked = operationRequest(operation, await readJson(request));
  if (instrumentOf(asked.token)?.failsBefore) return answer(response, 503, { code: 'not_processed' });
  const done = books.operate(asked);
  if (done === 'conflict') return answer(response, 409, { code: 'key_reused' });
  // A silent instrument keeps its caller waiting: the connection stays open until the caller gives up.
  if (instrumentOf(done.token)?.isSilentOn !== operation) answer(response, 200, shown(done, publicUrl));
}

function lookup({ books, response, name, publicUrl }: Exchange, operation: Operation): void {
  const done = books.find(operation, name);
  return done ? answer(response, 200, shown(done, publicUrl)) : answer(response, 404, { code: 'never_seen' });
}

function showAction({ books, response, url, name }: Exchange): void {
  const charge = books.findCharge(name);
  if (!charge) return answer(response, 404, { code: 'not_found' });
  const page = actionPage(charge, pageToReturnTo(url.searchParams.get('return_to')));
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
}

async function act({ books, request, response, name, publicUrl }: Exchange): Promise<void> {
  const { approve, return_to: returnTo } = await (isForm(request) ? readForm : readJson)(request);
  if (!['true', 'false'].includes(String(approve))) throw new BadRequest('approve is true or false');
  const done = books.act(name, String(approve) === 'true');
  if (done === 'unknown') return answer(response, 404, { code: 'not_found' });
  if (isForm(request)) {
    const page = pageToReturnTo(typeof returnTo === 'string' ? returnTo : null);
    response.writeHead(303, { location: page ?? `/actions/${encodeURIComponent(name)}` }).end();
    return;
  }
  if (done === 'already') return answer(response, 409, { code: 'already_decided' });
  return answer(response, 200, shown(done, publicUrl));
}

async function reachDay({ books, request, response }: Exchange): Promise<void> {
  const body = await readJson(request);
  if (!isDate(body['on'])) throw new BadRequest('on is a date');
  return answer(response, 200, { notifications: books.reachDay(text(body, 'account'), body['on']) });
}

function shown(done: Done, publicUrl: string): object {
  return done.status === 'requires_action' ? { ...done, url: `${publicUrl}/actions/${done.ref}` } : done;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
