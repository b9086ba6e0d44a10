import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant } from './schema.ts';
import { story } from './story.ts';

export const WebhookData = Type.Object(
  {
    endpointId: Id,
    deliveryId: Type.Optional(Id),
    eventId: Type.Optional(Id),
    attempts: Type.Optional(Type.Integer({ minimum: 0 })),
    lastStatus: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
    reason: Type.Optional(Code),
    failingSince: Type.Optional(Instant),
  },
  { title: 'Webhook' },
);
export type WebhookData = Static<typeof WebhookData>;

export const WebhookReplayData = Type.Object(
  { endpointId: Id, replayId: Id, eventIds: Type.Array(Id, { minItems: 1, maxItems: 500 }) },
  { title: 'WebhookReplay' },
);
export type WebhookReplayData = Static<typeof WebhookReplayData>;

export const WebhookBacklogData = Type.Object(
  {
    endpointId: Type.Optional(Id),
    rows: Type.Integer({ minimum: 0 }),
    limit: Type.Integer({ minimum: 1 }),
    oldestSeconds: Type.Integer({ minimum: 0 }),
  },
  { title: 'WebhookBacklog' },
);
export type WebhookBacklogData = Static<typeof WebhookBacklogData>;

export const webhooksEvents = define('WEBHOOKS', 'webhooks', {
  'webhook_endpoint.disabled': event('An endpoint receives nothing until it is enabled again.', WebhookData, {
    endpointId: story.endpointId,
    lastStatus: 410,
    reason: 'gone',
  }),
  'webhook_endpoint.enabled': event('An endpoint receives deliveries again.', WebhookData, {
    endpointId: story.endpointId,
  }),
  'webhook_endpoint.breaker_opened': event(
    'An endpoint failed so often that it is only probed until it answers well again; its deliveries wait.',
    WebhookData,
    {
      endpointId: story.endpointId,
      deliveryId: story.deliveryId,
      eventId: story.eventId,
      lastStatus: 503,
      reason: 'consecutive_failures',
    },
  ),
  'webhook_endpoint.recovered': event(
    'An endpoint that failed answers well again; its deliveries go on.',
    WebhookData,
    {
      endpointId: story.endpointId,
    },
  ),
  'webhook_endpoint.failing': event(
    'Every attempt at an endpoint has failed for an hour, a day or three days; after five days it may be disabled.',
    WebhookData,
    {
      endpointId: story.endpointId,
      attempts: 8,
      lastStatus: 503,
      reason: 'failing_24h',
      failingSince: story.postedAt,
    },
  ),
  'webhook_delivery.exhausted': event(
    'A delivery was given up after its last attempt; it can be retried by hand.',
    WebhookData,
    {
      endpointId: story.endpointId,
      deliveryId: story.deliveryId,
      eventId: story.eventId,
      attempts: 12,
      lastStatus: 503,
      reason: 'attempts_exhausted',
    },
  ),
  'webhook_delivery.replayed': event(
    'A step of a replay queued deliveries of these events once more, under the ids that they had.',
    WebhookReplayData,
    { endpointId: story.endpointId, replayId: story.replayId, eventIds: [story.eventId] },
  ),
  'webhook_backlog.high': event(
    'What waits for an endpoint, or for all of a tenant, is at four fifths of its limit; beyond it nothing is queued.',
    WebhookBacklogData,
    { endpointId: story.endpointId, rows: 800_000, limit: 1_000_000, oldestSeconds: 7_200 },
  ),
});
