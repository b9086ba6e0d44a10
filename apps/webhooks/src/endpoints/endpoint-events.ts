import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Endpoint, EndpointFact } from '../domain/endpoint.ts';

/** The attempt that made the receiver's wish known, if it was an attempt. */
export interface EndpointTrigger {
  readonly deliveryId?: string;
  readonly eventId?: string;
  readonly lastStatus?: number;
  readonly attempts?: number;
  readonly failingSince?: string;
}

export function endpointEvents(
  endpoint: Endpoint,
  facts: readonly EndpointFact[],
  trigger: EndpointTrigger,
  time: Date,
): NewEvent[] {
  return facts.map((fact) => toEvent(endpoint, fact, trigger, time));
}

function toEvent(endpoint: Endpoint, fact: EndpointFact, trigger: EndpointTrigger, time: Date): NewEvent {
  const { tenantId, id: subject, version: sequence } = endpoint;
  const about = { tenantId, subject, sequence, time };
  switch (fact.type) {
    case 'enabled':
      return { ...about, type: 'webhook_endpoint.enabled', data: { endpointId: subject } };
    case 'backlog_high':
      return { ...about, type: 'webhook_backlog.high', data: { endpointId: subject, ...fact.backlog } };
    case 'failing':
      return {
        ...about,
        type: 'webhook_endpoint.failing',
        data: { endpointId: subject, ...trigger, reason: fact.reason },
      };
    case 'disabled':
      return {
        ...about,
        type: 'webhook_endpoint.disabled',
        data: { endpointId: subject, ...trigger, reason: fact.reason },
      };
  }
}
