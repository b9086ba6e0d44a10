import { Type } from '@sinclair/typebox';
import { catalogue, eventTypes } from './catalogue.ts';
import type { EventType } from './catalogue.ts';
import { structuredContentType } from './envelope.ts';
import { sampleEvent } from './samples.ts';
import { durables, streams } from './topology.ts';

const name = Type.String({ minLength: 1, maxLength: 1024 });

/** The attributes around `data`; what a reader may rely on for every event. */
const EnvelopeSchema = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: name,
    source: name,
    type: name,
    subject: Type.Optional(name),
    time: Type.String({ format: 'date-time' }),
    datacontenttype: Type.Optional(Type.String()),
    dataschema: Type.Optional(Type.String({ format: 'uri' })),
    tenantid: Type.String({ format: 'uuid' }),
    sequence: Type.Optional(Type.String({ pattern: '^\\d{10}$' })),
    correlationid: Type.Optional(name),
    causationid: Type.Optional(name),
    data: Type.Object({}),
  },
  { title: 'Envelope' },
);

const HeadersSchema = Type.Object(
  {
    'content-type': Type.Literal(structuredContentType),
    'Nats-Msg-Id': Type.String({ description: 'The id of the event' }),
    traceparent: Type.Optional(Type.String({ description: 'W3C trace context' })),
  },
  { title: 'Headers' },
);

type Section = Record<string, unknown>;

/** AsyncAPI 3.0 of everything on the wire. The nats binding knows no JetStream, so that part is `x-jetstream`. */
export function asyncApiDocument(): Section {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Quittance events',
      version: '1.0.0',
      description:
        'CloudEvents 1.0 on NATS JetStream. The subject is the type of the event. Deliveries are at least once: ' +
        'deduplicate by id, order by sequence within one subject, and tolerate unknown fields and values.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: structuredContentType,
    servers: { nats: { host: 'localhost:4222', protocol: 'nats', description: 'The operator names the real one.' } },
    channels: each((type) => [
      type,
      {
        address: type,
        description: catalogue[type].summary,
        messages: { event: { $ref: `#/components/messages/${type}` } },
        'x-jetstream': { stream: catalogue[type].stream },
      },
    ]),
    operations: each((type) => [
      `${isInbound(type) ? 'receive' : 'send'}.${type}`,
      {
        action: isInbound(type) ? 'receive' : 'send',
        channel: { $ref: `#/channels/${type}` },
        summary: catalogue[type].summary,
        messages: [{ $ref: `#/channels/${type}/messages/event` }],
      },
    ]),
    components: { messages: each((type) => [type, message(type)]), schemas: schemas() },
    'x-jetstream': { streams: Object.values(streams), durables },
  };
}

function isInbound(type: EventType): boolean {
  return catalogue[type].stream === 'POLICY';
}

function message(type: EventType): Section {
  return {
    name: type,
    title: type,
    summary: catalogue[type].summary,
    contentType: structuredContentType,
    headers: { $ref: '#/components/schemas/Headers' },
    payload: {
      allOf: [
        { $ref: '#/components/schemas/Envelope' },
        {
          type: 'object',
          properties: { type: { const: type }, data: { $ref: `#/components/schemas/${titleOf(type)}` } },
        },
      ],
    },
    examples: [{ name: type, payload: sampleEvent(type) }],
    'x-partner-visible': catalogue[type].partnerVisible,
  };
}

function schemas(): Section {
  const data = each((type) => [titleOf(type), catalogue[type].schema]);
  return { Envelope: EnvelopeSchema, Headers: HeadersSchema, ...data };
}

function titleOf(type: EventType): string {
  return catalogue[type].schema.title ?? type;
}

function each(entry: (type: EventType) => [string, unknown]): Section {
  return Object.fromEntries(eventTypes.map(entry));
}
