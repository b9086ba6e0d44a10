import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Endpoint, EndpointFact } from '../domain/endpoint.ts';

/** The attempt that made the receiver's wish known, if it was an attempt. */
export interface EndpointTrigger {
  readonly deliveryId?: string;
  readonly eventId?: string;
  readonly lastStatus?: number;
}

export function endpointEvents(
  endpoint: Endpoint,
  facts: readonly EndpointFact[],
  trigger: EndpointTrigger,
  time: Date,
): NewEvent[] {
  const { tenantId, id: subject, version: sequence } = endpoint;
  return facts.map((fact) => {
    const about = { tenantId, subject, sequence, time };
    if (fact.type === 'enabled') return { ...about, type: 'webhook_endpoint.enabled', data: { endpointId: subject } };
    const data = { endpointId: subject, ...trigger, reason: fact.reason };
    return { ...about, type: 'webhook_endpoint.disabled', data };
  });
}
