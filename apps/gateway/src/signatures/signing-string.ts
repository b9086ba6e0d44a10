import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came in: what a signature is about. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The text that was signed: one line for each name, `name: value`, nothing at the end. Null where a header that is
 * said to be signed is not there: to pass it over would let anybody take it away.
 */
export function signingString({ method, target, headers }: SignedRequest, names: readonly string[]): string | null {
  const lines: string[] = [];
  for (const name of names) {
    const value = name === '(request-target)' ? `${method.toLowerCase()} ${target}` : headers[name];
    if (typeof value !== 'string' || value === '') return null;
    lines.push(`${name}: ${value}`);
  }
  return lines.join('\n');
}
