import { sequenceOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { channelsOf } from '../domain/channels.ts';
import type { Published } from '../domain/matching.ts';
import type { Message } from './job.ts';

/** The order of the keys is part of the bytes that are signed, so they are put together here and nowhere else. */
function contentOf({ type, time, data, id, sequence }: QuittanceEvent) {
  return { type, timestamp: time, data, id, sequence };
}

/** What is stored of an event, whole: what an endpoint is shown of it is decided when it is sent. */
export function messageOf(event: QuittanceEvent): Message {
  const { id, type, time, tenantid, subject, traceparent } = event;
  return {
    ...{ tenantId: tenantid, id, type, subject, occurredAt: time },
    sequence: sequenceOf(event) ?? null,
    traceparent: traceparent ?? null,
    channels: channelsOf(event.data),
    isTest: false,
    body: Buffer.from(JSON.stringify(contentOf(event))),
  };
}

/** What endpoints are asked about an event. */
export function publishedOf(event: QuittanceEvent, { type, channels }: Message): Published {
  return { type, channels, content: contentOf(event) };
}
