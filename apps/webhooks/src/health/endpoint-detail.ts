import type { Gap } from '../domain/backlog.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import type { EndpointHealth } from '../domain/health.ts';

/** An endpoint with how it is doing and what it has missed. */
export interface EndpointDetail {
  readonly endpoint: Endpoint;
  readonly health: EndpointHealth | null;
  readonly gaps: readonly Gap[];
}
