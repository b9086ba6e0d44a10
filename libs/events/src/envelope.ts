import { EnvelopeError, bodyBytesMax, checkContentType, instant, isObject, objectOf } from './attributes.ts';
import { optional, percentDecoded, required, sequence, text, uuid } from './attributes.ts';
import type { Attributes } from './attributes.ts';
import { isEventType } from './catalogue.ts';
import type { EventData, EventType } from './catalogue.ts';

/** A CloudEvents 1.0 event as it is after decoding: known to the catalogue or not. */
export interface Envelope<T extends string = string, D = Record<string, unknown>> {
  readonly specversion: '1.0';
  /** UUIDv7 on our own events, any text on a foreign one; also the `Nats-Msg-Id`. */
  readonly id: string;
  readonly source: string;
  readonly type: T;
  /** Id of the aggregate; a foreign event without one stands for itself (its id). */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema?: string;
  readonly tenantid: string;
  /** Version of the aggregate as ten digits; foreign events may leave it out. */
  readonly sequence?: string;
  /** First event or request of the flow; a foreign event without one starts a flow. */
  readonly correlationid: string;
  readonly causationid?: string;
  readonly data: D;
  /** W3C trace context of the hop: a header, never part of the body. */
  readonly traceparent?: string;
}

/** An event of the catalogue. */
export type QuittanceEvent<T extends EventType = EventType> = Envelope<T, EventData<T>>;

export { EnvelopeError };

export const structuredContentType = 'application/cloudevents+json';
/** True when the type is in the catalogue, so that `data` has its type. The schema is checked by tests, not here. */
export function isKnown(event: Envelope): event is QuittanceEvent {
  return isEventType(event.type);
}

export function sequenceOf(event: Pick<Envelope, 'sequence'>): number | undefined {
  return event.sequence === undefined ? undefined : Number(event.sequence);
}

/** Ten digits, because the CloudEvents extension orders sequences as text. */
export function formatSequence(sequence: number): string {
  if (!Number.isInteger(sequence) || sequence < 1 || sequence > 9_999_999_999) {
    throw new RangeError(`sequence must be between 1 and 9999999999, not ${sequence}`);
  }
  return String(sequence).padStart(10, '0');
}

/** Body of the structured mode. Throws an EnvelopeError when no stream would take it. */
export function encode<T extends EventType>(event: QuittanceEvent<T>): Uint8Array {
  const { traceparent: _header, ...body } = event;
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  if (bytes.length > bodyBytesMax) throw new EnvelopeError('data', `the event is larger than ${bodyBytesMax} bytes`);
  return bytes;
}

/** Headers that go with the body of `encode`. */
export function headersOf(event: Pick<Envelope, 'id' | 'traceparent'>): Record<string, string> {
  return {
    'content-type': structuredContentType,
    'Nats-Msg-Id': event.id,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
  };
}

/** What any NATS client hands over; `MsgHdrs` of nats.js and a `Map` both fit. */
export interface ReceivedMessage {
  readonly subject: string;
  readonly headers?: Iterable<readonly [string, string | readonly string[]]> | undefined;
  readonly data: Uint8Array;
}

/**
 * Reads a CloudEvent in structured or binary mode, from our services and from anyone else's client.
 * Throws an EnvelopeError, and nothing else, for whatever is not a valid event of this subject.
 */
export function decode(message: ReceivedMessage): Envelope {
  const headers = lowerCased(message.headers);
  const attributes = attributesOf(headers, message.data);
  const event = validated(attributes);
  // A subject is what permissions are granted on: a type that differs would smuggle an event past them.
  if (event.type !== message.subject) throw new EnvelopeError('type', `is not the subject "${message.subject}"`);
  const traceparent = traceparentOf(headers.get('traceparent') ?? attributes['traceparent']);
  return traceparent === undefined ? event : { ...event, traceparent };
}

function attributesOf(headers: ReadonlyMap<string, string>, data: Uint8Array): Attributes {
  const contentType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (contentType === 'application/cloudevents+json') return objectOf(data, 'body');
  if (contentType?.startsWith('application/cloudevents')) {
    throw new EnvelopeError('content-type', `"${contentType}" is not supported`);
  }
  if (headers.has('ce-specversion')) return binaryAttributes(headers, data);
  if (contentType === undefined) return objectOf(data, 'body');
  throw new EnvelopeError('content-type', `"${contentType}" without ce-specversion is not a CloudEvent`);
}

function binaryAttributes(headers: ReadonlyMap<string, string>, data: Uint8Array): Attributes {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of headers) {
    if (name.startsWith('ce-') && name !== 'ce-data') attributes[name.slice(3)] = percentDecoded(name.slice(3), value);
  }
  attributes['datacontenttype'] ??= headers.get('content-type');
  return { ...attributes, data: objectOf(data, 'data') };
}

function validated(attributes: Attributes): Envelope {
  if (attributes['specversion'] !== '1.0') throw new EnvelopeError('specversion', 'must be "1.0"');
  const id = required(attributes, 'id');
  const { data } = attributes;
  if (!isObject(data)) throw new EnvelopeError('data', 'must be a JSON object');
  checkContentType(text(attributes, 'datacontenttype'));
  return {
    specversion: '1.0',
    id,
    source: required(attributes, 'source'),
    type: required(attributes, 'type'),
    subject: text(attributes, 'subject') ?? id,
    time: instant(required(attributes, 'time')),
    datacontenttype: 'application/json',
    ...optional('dataschema', text(attributes, 'dataschema')),
    tenantid: uuid(required(attributes, 'tenantid')),
    ...optional('sequence', sequence(text(attributes, 'sequence'))),
    correlationid: text(attributes, 'correlationid') ?? id,
    ...optional('causationid', text(attributes, 'causationid')),
    data,
  };
}

/** As W3C asks, a malformed trace context is ignored: it never costs the event. */
function traceparentOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value)
    ? value
    : undefined;
}

function lowerCased(headers: ReceivedMessage['headers']): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, values] of headers ?? []) {
    const value = typeof values === 'string' ? values : values[0];
    if (value !== undefined) found.set(name.toLowerCase(), value);
  }
  return found;
}
