import { WebhookRefused } from './refused.ts';

/** What frameworks hand over: the `Headers` of `fetch`, or an object by name. */
export type HeaderBag =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface SignedHeaders {
  readonly id: string;
  /** As it was sent: it is part of what was signed. */
  readonly timestamp: string;
  readonly signatures: string;
}

/** All three, once each. An id with a dot could hide where it ends and the timestamp begins. */
export function readHeaders(headers: HeaderBag): SignedHeaders {
  const id = valueOf(headers, 'webhook-id');
  const timestamp = valueOf(headers, 'webhook-timestamp');
  const signatures = valueOf(headers, 'webhook-signature');
  if (id.includes('.')) throw new WebhookRefused('header_invalid', 'webhook-id holds a dot');
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookRefused('header_invalid', 'webhook-timestamp is not in seconds');
  return { id, timestamp, signatures };
}

function valueOf(headers: HeaderBag, name: string): string {
  const value = isFetchHeaders(headers) ? headers.get(name) : ofObject(headers, name);
  if (typeof value === 'string' && value !== '') return value;
  const isThere = value !== undefined && value !== null && value !== '';
  throw new WebhookRefused(
    isThere ? 'header_invalid' : 'header_missing',
    isThere ? `${name} is there more than once` : `${name} is missing`,
  );
}

function ofObject(headers: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(headers, name)) return headers[name];
  const spelled = Object.keys(headers).find((each) => each.toLowerCase() === name);
  return spelled === undefined ? undefined : headers[spelled];
}

function isFetchHeaders(headers: HeaderBag): headers is { get(name: string): string | null } {
  return typeof headers['get' as keyof HeaderBag] === 'function';
}
