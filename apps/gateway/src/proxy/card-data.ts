import type { IncomingHttpHeaders } from 'node:http';
import { holdsCardNumber } from '@quittance/service-kit/card-data/card-number';
import { refuseCardData } from '@quittance/service-kit/http/card-data';
import { parseJson } from '@quittance/service-kit/http/json-body';
import type { FastifyInstance } from 'fastify';
import { FORWARDED } from './headers.ts';

const JSON_TYPE = /^application\/([\w.-]+\+)?json\b/;
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Made by machines at random: a false alarm would cost a retry its answer, or a payment its trace. */
const UNSUSPECTED: readonly string[] = ['idempotency-key', 'traceparent', 'tracestate'];
const SUSPECTED = FORWARDED.filter((name) => !UNSUSPECTED.includes(name));

/**
 * The tripwire at the door, for every request of this scope: path, query and headers before a byte of the body is
 * read, then the body where it is JSON or a form. Such a body is read whole, a mebibyte at most whatever the route
 * takes, and goes on byte for byte; files are large and pass as streams, masked by the service that stores them.
 */
export function refuseCardDataIn(scope: FastifyInstance): void {
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    refuseCardData(request, { headers: suspected(request.headers) });
    if (holdsCardNumber(String(request.headers['tracestate'] ?? ''))) delete request.headers['tracestate'];
    done(null, payload);
  });
  lookThrough(scope, JSON_TYPE, jsonOrText);
  lookThrough(scope, FORM_TYPE, formOf);
}

function lookThrough(scope: FastifyInstance, type: string | RegExp, valueOf: (body: Buffer) => unknown): void {
  scope.addContentTypeParser<Buffer>(type, { parseAs: 'buffer' }, (request, body, done) => {
    // What a provider signed is full of references that machines made, as random as card numbers.
    const { isSigned } = request.routeOptions.config as { isSigned?: boolean };
    try {
      if (!isSigned) refuseCardData(request, { body: valueOf(body) });
      done(null, body);
    } catch (error) {
      done(error as Error);
    }
  });
}

function suspected(headers: IncomingHttpHeaders): Record<string, unknown> {
  return Object.fromEntries(SUSPECTED.map((name) => [name, headers[name]]));
}

/** What is not JSON, though it says so, is looked through as a text; to refuse it is the service's part. */
function jsonOrText(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch {
    return body.toString();
  }
}

export function formOf(body: Buffer | string): Record<string, string[]> {
  const form = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of new URLSearchParams(body.toString())) (form[name] ??= []).push(value);
  return form;
}
