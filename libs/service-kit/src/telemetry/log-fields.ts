import { types } from 'node:util';

export type LogValue = string | number | boolean | null | readonly LogValue[] | { readonly [name: string]: LogValue };

/** Credentials and bodies: never in a log line, also where somebody hands one over as a field of its own. */
const SECRETS = new Set([
  'authorization',
  'proxy-authorization',
  'x-client-secret',
  'x-api-key',
  'cookie',
  'set-cookie',
  'idempotency-key',
  'body',
  'rawbody',
  'payload',
  'password',
  'passphrase',
  'secret',
  'clientsecret',
  'client_secret',
  'token',
  'accesstoken',
  'access_token',
  'apikey',
  'pan',
  'cvv',
  'cvc',
]);

/** Names as they were handed over, lower-cased once each: a service logs a few dozen. */
const verdicts = new Map<string, boolean>();
const VERDICTS_MAX = 1_000;

/**
 * An allow-list by shape: a log line is flat. Texts, numbers, instants and lists of them pass, of an error what
 * {@link errorFields} names. Any other object (headers, a request, a row, a client's options) is left out whole, so
 * that no secret gets out at any depth and nobody has to search for it at every line.
 */
export function logFields(fields: Record<string, unknown>): Record<string, LogValue | undefined> {
  const safe: Record<string, LogValue | undefined> = {};
  for (const name in fields) safe[name] = isSecret(name) ? '[redacted]' : logValue(fields[name]);
  return safe;
}

function logValue(value: unknown): LogValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === undefined || value === null) return value;
  if (typeof value === 'bigint') return value.toString();
  if (types.isNativeError(value) || value instanceof Error) return errorFields(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map((item) => (isNested(item) ? '[object]' : (logValue(item) ?? null)));
  return '[object]';
}

const isNested = (value: unknown) => Array.isArray(value) || (value instanceof Object && !(value instanceof Date));

function isSecret(name: string): boolean {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = SECRETS.has(name.toLowerCase());
  // Names that come from outside must not fill the memory.
  if (verdicts.size < VERDICTS_MAX) verdicts.set(name, verdict);
  return verdict;
}

/**
 * An allow-list: errors of clients and drivers carry whole requests, values and credentials as properties, and
 * Postgres repeats rows in `detail`.
 */
export function errorFields(error: unknown): { readonly [name: string]: LogValue } {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : typeof error };
  const { name, message, stack = '', cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { type: name, message, ...code, stack, ...(cause === undefined ? {} : { cause: errorFields(cause) }) };
}
