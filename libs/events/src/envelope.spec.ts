import fc from 'fast-check';
import { bodyBytesMax } from './attributes.ts';
import { eventTypes } from './catalogue.ts';
import { EnvelopeError, decode, encode, formatSequence, headersOf, isKnown, sequenceOf } from './envelope.ts';
import type { QuittanceEvent } from './envelope.ts';
import { sampleEvent } from './samples.ts';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const message = (event: object, headers?: Record<string, string>, subject = 'payment.posted') => ({
  subject,
  headers: headers && Object.entries(headers).map(([name, value]): [string, string[]] => [name, [value]]),
  data: bytes(event),
});
const structured = { 'content-type': 'application/cloudevents+json' };
const posted = sampleEvent('payment.posted');
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof EnvelopeError) return error.attribute;
    throw error;
  }
  return 'none';
}

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
const anyEvent: fc.Arbitrary<QuittanceEvent> = fc
  .record(
    {
      type: fc.constantFrom(...eventTypes),
      id: fc.uuid({ version: 7 }),
      subject: text,
      tenantid: fc.uuid(),
      time: fc
        .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((at) => at.toISOString()),
      sequence: fc.integer({ min: 1, max: 9_999_999_999 }).map(formatSequence),
      correlationid: text,
      causationid: fc.uuid(),
      extra: fc.jsonValue(),
      traceparent: fc.constant(traceparent),
    },
    { requiredKeys: ['type', 'id', 'subject', 'tenantid', 'time', 'correlationid'] },
  )
  .map(({ type, extra, ...attributes }) => {
    // JSON has no negative zero; what JSON cannot say is not what this property is about.
    const data = JSON.parse(JSON.stringify({ ...sampleEvent(type).data, extra: extra ?? null })) as object;
    return { ...sampleEvent(type), ...attributes, data } as QuittanceEvent;
  });

describe('encode and decode', () => {
  it('give back every event, the trace context through its header', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const headers = new Map(Object.entries(headersOf(event)));
        expect(decode({ subject: event.type, headers, data: encode(event) })).toEqual(event);
      }),
    );
  });

  it('keep the trace context out of the body and put the id where JetStream deduplicates', () => {
    const event = { ...posted, traceparent };
    expect(new TextDecoder().decode(encode(event))).not.toContain('traceparent');
    expect(headersOf(event)).toEqual({ ...structured, 'Nats-Msg-Id': posted.id, traceparent });
    expect(headersOf(posted)).not.toHaveProperty('traceparent');
  });

  it('refuse at the door what no stream would take', () => {
    const details = 'x'.repeat(bodyBytesMax);
    const huge = { ...posted, data: { ...posted.data, reversal: { reversalId: posted.id, reason: 'nsf', details } } };
    expect(problemOf(() => encode(huge))).toBe('data');
  });

  it('never throw anything but an EnvelopeError, whatever the bytes and headers', () => {
    const headers = fc.dictionary(fc.constantFrom('content-type', 'ce-id', 'ce-specversion', 'CE-TYPE'), fc.string());
    const body = fc.oneof(fc.uint8Array(), fc.json().map(bytes));
    fc.assert(
      fc.property(headers, body, (named, data) => {
        const found = problemOf(() => decode({ subject: 'payment.posted', headers: Object.entries(named), data }));
        expect(found).not.toBe('none');
      }),
    );
  });
});

describe('decode, structured mode', () => {
  it.each([
    ['with a charset', { 'content-type': 'application/cloudevents+json; charset=UTF-8' }],
    ['in any case', { 'CONTENT-Type': 'Application/CloudEvents+JSON' }],
    ['without any header', undefined],
    ['with headers but no content type', { 'Nats-Msg-Id': 'a' }],
  ])('is recognised %s', (_case, headers) => {
    expect(decode(message(posted, headers))).toEqual(posted);
  });

  it.each(['specversion', 'id', 'source', 'type', 'time', 'tenantid', 'data'])('names the missing %s', (attribute) => {
    const { [attribute]: _removed, ...rest } = posted as unknown as Record<string, unknown>;
    expect(problemOf(() => decode(message(rest, structured)))).toBe(attribute);
  });

  it.each([
    ['specversion', '0.3'],
    ['id', ''],
    ['id', 7],
    ['id', 'a\u0000b'],
    ['source', 'x'.repeat(1025)],
    ['type', 'payment.reversed'],
    ['time', '2025-01-01'],
    ['time', '2025-02-30T12:00:00Z'],
    ['time', '2025-01-01T25:00:00Z'],
    ['tenantid', 'demo'],
    ['sequence', '1'],
    ['sequence', 1],
    ['sequence', '0000000000'],
    ['datacontenttype', 'text/xml'],
    ['data', 'text'],
    ['data', [1]],
    ['data', null],
  ])('refuses %s %j', (attribute, value) => {
    expect(problemOf(() => decode(message({ ...posted, [attribute]: value }, structured)))).toBe(attribute);
  });

  it.each([
    ['not JSON', bytes('{"id":'), 'body'],
    ['not an object', bytes([posted]), 'body'],
    ['not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 'body'],
    ['empty', new Uint8Array(), 'body'],
    ['too large', bytes(`{"a":"${'x'.repeat(bodyBytesMax)}"}`), 'body'],
    ['nested without end', bytes('['.repeat(200_000)), 'body'],
  ])('refuses a body that is %s', (_case, data, attribute) => {
    const headers = Object.entries(structured);
    expect(problemOf(() => decode({ subject: 'payment.posted', headers, data }))).toBe(attribute);
  });

  it.each(['application/json', 'application/cloudevents-batch+json', 'application/cloudevents+avro'])(
    'refuses content type %s without binary attributes',
    (contentType) => {
      expect(problemOf(() => decode(message(posted, { 'content-type': contentType })))).toBe('content-type');
    },
  );

  it('takes a foreign event with the required attributes only: it is its own aggregate and flow', () => {
    const { specversion, id, source, type, time, tenantid, data } = sampleEvent('policy.issued');
    const foreign = { specversion, id, source, type, time, tenantid: tenantid.toUpperCase(), data };
    const event = decode(message(foreign, structured, 'policy.issued'));
    expect(event).toMatchObject({ subject: id, correlationid: id, tenantid, data });
    expect(sequenceOf(event)).toBeUndefined();
    expect(isKnown(event)).toBe(true);
  });

  it('reads a type it does not know, so that an older reader can pass over it', () => {
    const event = decode(message({ ...posted, type: 'payment.invented' }, structured, 'payment.invented'));
    expect([event.type, isKnown(event)]).toEqual(['payment.invented', false]);
  });

  it('refuses an event that claims another type than the subject it was allowed to publish on', () => {
    expect(problemOf(() => decode(message(posted, structured, 'policy.issued')))).toBe('type');
  });
});

describe('decode, binary mode', () => {
  const binary = {
    'ce-specversion': '1.0',
    'ce-id': 'order%201%22%25',
    'ce-source': '/policy-system/z%C3%BCrich',
    'ce-type': 'policy.issued',
    'ce-time': '2025-01-01T12:00:00+01:00',
    'ce-tenantid': posted.tenantid,
    'ce-datacontenttype': 'application/json; charset=utf-8',
  };
  const { data } = sampleEvent('policy.issued');

  it('reads attributes from headers, percent-decoded', () => {
    const event = decode(message(data, binary, 'policy.issued'));
    expect(event).toMatchObject({ id: 'order 1"%', source: '/policy-system/zürich', time: binary['ce-time'], data });
  });

  it('reads header names in any case', () => {
    const upper = Object.fromEntries(Object.entries(binary).map(([name, value]) => [name.toUpperCase(), value]));
    expect(decode(message(data, upper, 'policy.issued'))).toEqual(decode(message(data, binary, 'policy.issued')));
  });

  it('reads a sequence and the trace context', () => {
    const headers = { ...binary, 'ce-sequence': '0000000042', traceparent };
    const event = decode(message(data, headers, 'policy.issued'));
    expect([sequenceOf(event), event.traceparent]).toEqual([42, traceparent]);
  });

  it('ignores a malformed trace context', () => {
    const event = decode(message(data, { ...binary, traceparent: 'nonsense' }, 'policy.issued'));
    expect(event).not.toHaveProperty('traceparent');
  });

  it.each([
    ['a broken escape', { ...binary, 'ce-source': '%zz' }, data, 'source'],
    ['another data type', { ...binary, 'ce-datacontenttype': 'text/plain' }, data, 'datacontenttype'],
    ['a body that is no object', binary, 'text', 'data'],
    ['no id', { ...binary, 'ce-id': '' }, data, 'id'],
  ])('refuses %s', (_case, headers, body, attribute) => {
    expect(problemOf(() => decode(message(body as object, headers, 'policy.issued')))).toBe(attribute);
  });
});

describe('formatSequence', () => {
  it('sorts as text the way it sorts as a number', () => {
    const sequence = fc.integer({ min: 1, max: 9_999_999_999 });
    fc.assert(fc.property(sequence, sequence, (a, b) => expect(formatSequence(a) < formatSequence(b)).toBe(a < b)));
  });

  it.each([0, -1, 1.5, NaN, 10_000_000_000])('refuses %d', (value) => {
    expect(() => formatSequence(value)).toThrow(RangeError);
  });
});
