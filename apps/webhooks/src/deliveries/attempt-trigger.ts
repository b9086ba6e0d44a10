import type { EndpointTrigger } from '../endpoints/endpoint-events.ts';

/** The attempt that an event of its endpoint or delivery came from. */
export function triggerOf(deliveryId: string, eventId: string, lastStatus: number | null): EndpointTrigger {
  return { deliveryId, eventId, ...(lastStatus === null ? {} : { lastStatus }) };
}
