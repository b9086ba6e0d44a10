import type { FastifyInstance, FastifyRequest } from 'fastify';
import secureJson from 'secure-json-parse';
import { invalidRequest, Problem } from './problem.ts';
import { pointerTo, unstorable } from './validation.ts';

const DEPTH_MAX = 32;
/** Cheap signs that a text may hold a number which a double cannot: a run of 16 digits and dots, or an exponent. */
const LONG_LITERAL = /\d[\d.]{15}|\d[eE][-+]?\d/;
/** Cheap signs of text that Postgres cannot store: NUL and lone surrogates. */
const UNSTORABLE = /\\u(0000|[dD][89a-fA-F])/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export type RawBodyRequest = FastifyRequest & { rawBody?: Buffer };

/** Reads JSON bodies with `parseJson` and keeps the bytes as `rawBody`, for signatures. Other content types are 415. */
export function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\b/,
    { parseAs: 'buffer' },
    (request: RawBodyRequest, body, done) => {
      request.rawBody = body as Buffer;
      try {
        done(null, parseJson(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/**
 * JSON as sent. A number that a double cannot hold comes as its source text, so that no amount is rounded on the way
 * in. Keys that reach into prototypes, nesting deeper than 32 and text that cannot be stored are refused.
 */
export function parseJson(bytes: Buffer): unknown {
  // A client that sends the header on every request has a body of nothing: that is no body.
  if (bytes.length === 0) return undefined;
  assertShallow(bytes);
  const text = decoded(bytes);
  const value = parsed(text);
  if (UNSTORABLE.test(text)) {
    const errors = unstorable(value, pointerTo);
    if (errors.length > 0) throw invalidRequest(errors);
  }
  return value;
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw malformed('The body is not UTF-8.', cause);
  }
}

function parsed(text: string): unknown {
  const reviver = LONG_LITERAL.test(text) ? lossless : null;
  try {
    return secureJson.parse(text, reviver, { protoAction: 'error', constructorAction: 'error' }) as unknown;
  } catch (cause) {
    const forbidden = (cause as Error).message.includes('forbidden prototype property');
    throw malformed(forbidden ? 'The body has a forbidden key.' : 'The body is not valid JSON.', cause);
  }
}

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem(400, 'malformed_json', detail, { cause });
}

/** Before parsing, because what walks the value afterwards recurses. Brackets inside strings do not count. */
function assertShallow(bytes: Buffer): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > DEPTH_MAX) throw malformed(`The body is nested deeper than ${DEPTH_MAX}.`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

function lossless(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  return Number.isFinite(value) && sameDecimal(source, String(value)) ? value : source;
}

/** Whether two spellings are the same decimal number: same sign, digits and magnitude. */
function sameDecimal(a: string, b: string): boolean {
  return normalised(a) === normalised(b);
}

function normalised(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  // The sign of zero says nothing about an amount: -0 and 0 are the same.
  if (significant === '') return '0';
  const magnitude = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${mantissa.startsWith('-') ? '-' : ''}${significant}e${magnitude}`;
}
