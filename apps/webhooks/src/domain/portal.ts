/**
 * What a route is to the token of an embedded portal.
 * open       for every one; lists show what the token is for
 * endpoint   where the id of the path is one of its endpoints
 * delivery   where the delivery of the path is of one of its endpoints
 * unlimited  where it is for all endpoints of the tenant
 * closed     for none: whoever publishes, pulls or replays has credentials of its own
 */
export type PortalAccess = 'open' | 'endpoint' | 'delivery' | 'unlimited' | 'closed';

const byPath: readonly (readonly [RegExp, PortalAccess])[] = [
  [/^GET \/event-types(\/|$)/, 'open'],
  [/^GET \/webhook-endpoints$/, 'open'],
  [/^POST \/webhook-endpoints$/, 'unlimited'],
  [/^\w+ \/webhook-endpoints\/:id(\/|$)/, 'endpoint'],
  [/^GET \/webhook-deliveries$/, 'open'],
  [/^\w+ \/webhook-deliveries\/:id(\/|$)/, 'delivery'],
  [/^GET \/webhook-messages(\/|$)/, 'unlimited'],
];

/** Closed unless it is here: a new route opens to portals by a line, and below an endpoint by the id in its path. */
export function portalAccess(method: string, route: string): PortalAccess {
  const asked = `${method === 'HEAD' ? 'GET' : method} ${route}`;
  return byPath.find(([fits]) => fits.test(asked))?.[1] ?? 'closed';
}
