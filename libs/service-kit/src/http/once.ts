import { createParamDecorator, HttpStatus, RequestMethod } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA } from '@nestjs/common/constants.js';
import canonicalize from 'canonicalize';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import type { ForeignCall, Idempotency } from '../database/idempotency.ts';
import type { GuardedAnswer } from '../database/idempotency-keys.ts';
import type { Tx } from '../database/tx.ts';
import { callerOf } from './auth.ts';
import type { AuthenticatedRequest, Caller } from './auth.ts';
import { Problem } from './problem.ts';

export interface Once {
  /** Runs work in one transaction of the caller's tenant, once per `Idempotency-Key`. */
  <T>(work: (tx: Tx, caller: Caller) => Promise<T>): Promise<T>;
  /**
   * Work that asks somebody outside between two transactions: begun once, resumed by a retry when the first request
   * died, answered once. `prepare` may ask, too, but must change nothing: it runs before the key is claimed.
   */
  across<B, O, T>(prepare: (caller: Caller) => ForeignCall<B, O, T> | Promise<ForeignCall<B, O, T>>): Promise<T>;
}

export interface OnceOptions {
  /** The header must be there: for requests that move money. */
  required?: boolean;
}

/** A parameter decorator cannot inject, so a hook of bootstrap hands the store over with the request. */
export type OnceRequest = AuthenticatedRequest & { idempotency?: Idempotency };

/**
 * Parameter of a writing route: `once(work)` opens the transaction, and a repeated `Idempotency-Key` gets the first
 * answer instead of a second effect.
 *
 * @example create(@Body() dto: CreateDto, @Once() once: Once) {
 *            return once((tx, caller) => this.payments.create(tx, caller, dto)); }
 */
export const Once = createParamDecorator((options: OnceOptions | undefined, context: ExecutionContext): Once => {
  const http = context.switchToHttp();
  const request = http.getRequest<OnceRequest>();
  const reply = http.getResponse<FastifyReply>();
  const key = idempotencyKey(request.headers['idempotency-key'], options?.required ?? false);
  const status = successStatus(context.getHandler());
  const answer = async <T>(ask: (store: Idempotency, caller: Caller) => Promise<GuardedAnswer<T>>): Promise<T> => {
    const { idempotency } = request;
    if (!idempotency) throw new Error('@Once() needs the database: this service was started without one');
    const { body, replayed } = await ask(idempotency, callerOf(request));
    if (replayed) void reply.header('idempotent-replayed', 'true');
    return body;
  };
  const guarded = (caller: Caller) => ({ caller, key, fingerprint: fingerprintOf(request), status });
  const once: Once = (work) => answer((store, caller) => store.run(guarded(caller), (tx) => work(tx, caller)));
  once.across = (prepare) => answer((store, caller) => store.across(guarded(caller), () => prepare(caller)));
  return once;
});

/** 1 to 255 visible ASCII characters, bare or as a quoted string (RFC 8941); a bad key is 400, as is a missing one. */
export function idempotencyKey(header: string | string[] | undefined, required: boolean): string | undefined {
  if (header === undefined) {
    if (!required) return undefined;
    throw new Problem(400, 'idempotency_key_required', 'This request needs an Idempotency-Key header.', {
      errors: [{ header: 'Idempotency-Key', detail: 'is required' }],
    });
  }
  const key = typeof header === 'string' ? unquoted(header) : '';
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(400, 'invalid_request', 'The Idempotency-Key is not valid.', {
    errors: [{ header: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters, once' }],
  });
}

function unquoted(header: string): string {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  if (inner !== undefined) return inner.replace(/\\(["\\])/g, '$1');
  // A quote that opens and never closes is a broken header, not a key that happens to hold one.
  return header.startsWith('"') ? '' : header;
}

/** What the request asks, whatever the order of its JSON keys: a retry that was serialised anew is the same request. */
export function fingerprintOf(request: {
  method: string;
  url: string;
  headers: { 'content-type'?: string | undefined };
  body?: unknown;
}): Buffer {
  const contentType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const hash = createHash('sha256').update(`${request.method}\n${request.url}\n${contentType}\n`);
  if (Buffer.isBuffer(request.body)) return hash.update(request.body).digest();
  return hash.update(request.body === undefined ? '' : (canonicalize(request.body) ?? '')).digest();
}

function successStatus(handler: object): number {
  const code: unknown = Reflect.getMetadata(HTTP_CODE_METADATA, handler);
  if (typeof code === 'number') return code;
  return Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.POST ? HttpStatus.CREATED : HttpStatus.OK;
}
