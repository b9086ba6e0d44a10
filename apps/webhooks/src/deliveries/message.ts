import { sequenceOf } from '@quittance/events/envelope';
import type { Envelope } from '@quittance/events/envelope';
import { channelsOf } from '../domain/channels.ts';
import type { Published } from '../domain/matching.ts';
import type { Message } from './job.ts';

/** What a message is made of: an event of the platform, or what a tenant publishes itself. */
export interface Fact extends Pick<
  Envelope,
  'tenantid' | 'id' | 'type' | 'subject' | 'time' | 'data' | 'sequence' | 'traceparent'
> {
  /** Of a tenant's own message; an event of the platform has them by the ids in its data. */
  readonly channels?: readonly string[];
}

/** The order of the keys is part of the bytes that are signed, so they are put together here and nowhere else. */
function contentOf({ type, time, data, id, sequence }: Fact) {
  return { type, timestamp: time, data, id, sequence };
}

/** What is stored of an event, whole: what an endpoint is shown of it is decided when it is sent. */
export function messageOf(event: Fact): Message {
  const { id, type, time, tenantid, subject, traceparent } = event;
  return {
    ...{ tenantId: tenantid, id, type, subject, occurredAt: time },
    sequence: sequenceOf(event) ?? null,
    traceparent: traceparent ?? null,
    channels: event.channels ?? channelsOf(event.data),
    isTest: false,
    body: Buffer.from(JSON.stringify(contentOf(event))),
  };
}

/** What endpoints are asked about an event. */
export function publishedOf(event: Fact, { type, channels }: Message): Published {
  return { type, channels, content: contentOf(event) };
}
