const RETRYABLE_STATES = new Set(['40001', '40P01']);
/** Postgres cannot serve just now: it says nothing about the work that was asked. */
const UNAVAILABLE_STATES = /^(08|53|57P0[1-5]|55P03|25P03|25P04)/;
const UNAVAILABLE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);
const UNAVAILABLE_MESSAGES = new RegExp(
  [
    'Connection terminated',
    'Client has encountered a connection error',
    'timeout exceeded when trying to connect',
    'Cannot use a pool after',
    'not queryable',
  ].join('|'),
);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** A serialization failure or a deadlock: the same transaction run again may succeed. */
export function isSerializationFailure(error: unknown): boolean {
  return RETRYABLE_STATES.has(codeOf(error));
}

/** The database, not the work, failed: try later, blame nobody. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (UNAVAILABLE_STATES.test(code) || UNAVAILABLE_CODES.has(code)) return true;
  return error instanceof Error && UNAVAILABLE_MESSAGES.test(error.message);
}
