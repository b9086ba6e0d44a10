/** The message cannot be read as an event; `attribute` names what is missing or wrong. Retrying does not help. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  constructor(
    readonly attribute: string,
    problem: string,
  ) {
    super(`${attribute}: ${problem}`);
  }
}

/** What a stream accepts with headers (256 KiB), less the room headers need. */
export const bodyBytesMax = 252 * 1024;

/** Attributes of an event as they came, from a JSON body or from headers. */
export type Attributes = Readonly<Record<string, unknown>>;

export function required(attributes: Attributes, name: string): string {
  const value = text(attributes, name);
  if (value === undefined) throw new EnvelopeError(name, 'is missing');
  return value;
}

/** Control characters are forbidden by CloudEvents; a NUL among them would not even fit a Postgres text. */
export function text(attributes: Attributes, name: string): string | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new EnvelopeError(name, 'must be a string');
  if (value === '' || value.length > 1024) throw new EnvelopeError(name, 'must have 1 to 1024 characters');
  if (/[\p{Cc}\p{Cs}]/u.test(value)) throw new EnvelopeError(name, 'must not contain control characters');
  return value;
}

export function optional<N extends string>(name: N, value: string | undefined): { [K in N]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [K in N]?: string };
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

export function instant(value: string): string {
  const match = rfc3339.exec(value);
  const [year, month, day] = (match?.slice(1, 4) ?? []).map(Number);
  // Date alone would let 30 February roll over into March.
  const days = month === undefined || year === undefined ? 0 : new Date(Date.UTC(year, month, 0)).getUTCDate();
  const valid = day !== undefined && day >= 1 && day <= days && !Number.isNaN(Date.parse(value.toUpperCase()));
  if (!valid) throw new EnvelopeError('time', 'must be an RFC 3339 date and time');
  return value;
}

export function uuid(value: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
    throw new EnvelopeError('tenantid', 'must be a UUID');
  return value.toLowerCase();
}

export function sequence(value: string | undefined): string | undefined {
  if (value === undefined || (/^\d{10}$/.test(value) && Number(value) > 0)) return value;
  throw new EnvelopeError('sequence', 'must be ten digits, from 0000000001');
}

export function checkContentType(value: string | undefined): void {
  const mediaType = value?.split(';')[0]?.trim().toLowerCase();
  if (mediaType === undefined || mediaType === 'application/json' || mediaType.endsWith('+json')) return;
  throw new EnvelopeError('datacontenttype', `"${mediaType}" is not JSON`);
}

export function percentDecoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new EnvelopeError(name, 'is not percent-encoded UTF-8');
  }
}

export function objectOf(bytes: Uint8Array, name: string): Record<string, unknown> {
  if (bytes.length > bodyBytesMax) throw new EnvelopeError(name, `is larger than ${bodyBytesMax} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new EnvelopeError(name, 'is not JSON in UTF-8');
  }
  if (!isObject(value)) throw new EnvelopeError(name, 'must be a JSON object');
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
