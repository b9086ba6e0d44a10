import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id } from './schema.ts';
import { story } from './story.ts';

export const WebhookData = Type.Object(
  {
    endpointId: Id,
    deliveryId: Type.Optional(Id),
    eventId: Type.Optional(Id),
    attempts: Type.Optional(Type.Integer({ minimum: 0 })),
    lastStatus: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
    reason: Type.Optional(Code),
  },
  { title: 'Webhook' },
);
export type WebhookData = Static<typeof WebhookData>;

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
});
