const countMax = 20;
const nameLengthMax = 128;
const valueLengthMax = 4_096;
const totalMax = 8 * 1_024;

/** Who a message is for and how it is framed, the signature, and what says who we are: ours to set. */
const reserved = new Set([
  ...['host', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'],
  ...['expect', 'authorization', 'cookie', 'user-agent', 'accept-encoding', 'date', 'traceparent', 'tracestate'],
]);
const reservedPrefixes = ['webhook-', 'content-', 'proxy-', 'ce-'];

/** Why headers may not be added to every request to an endpoint, or null. Names a header, never a value. */
export function fixedHeadersProblem(headers: unknown): string | null {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return 'must be an object';
  const entries = Object.entries(headers);
  if (entries.length > countMax) return `must be at most ${countMax} headers`;
  if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length) return 'names a header twice';
  const problem = entries.map(([name, value]) => headerProblem(name, value)).find((each) => each !== null);
  if (problem !== undefined) return problem;
  const total = entries.reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
  return total > totalMax ? `must be at most ${totalMax} characters in all` : null;
}

function headerProblem(name: string, value: unknown): string | null {
  if (name.length > nameLengthMax || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    return 'holds a name that is not valid';
  const lower = name.toLowerCase();
  if (reserved.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))) {
    return `may not set ${lower}, which is ours to set`;
  }
  // No line breaks and no control characters: a value must not become another header, or another request.
  const isText = typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
  if (isText && value.length <= valueLengthMax) return null;
  return `must give ${lower} printable ASCII characters, ${valueLengthMax} at most`;
}
