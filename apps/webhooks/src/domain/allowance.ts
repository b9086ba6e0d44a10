/**
 * Requests an endpoint may have under way: never more than its limit, and no more than the slots that are still free,
 * so that endpoints which hold their slots long leave room for the others, yet may use everything while nobody else
 * asks. With k endpoints that take all they get, one slot in 1 + k stays free.
 */
export function endpointAllowance(freeSlots: number, limit: number): number {
  return Math.min(limit, Math.max(2, freeSlots));
}

/** The same for all endpoints of a tenant together. */
export function tenantAllowance(freeSlots: number): number {
  return Math.max(8, 2 * freeSlots);
}

/** While first tries wait, retries have at most three tenths of the free slots, and one always. */
export function retriesMayStart(retriesInFlight: number, freeSlots: number, firstTriesWait: boolean): boolean {
  return !firstTriesWait || retriesInFlight < Math.max(1, 0.3 * (freeSlots + retriesInFlight));
}
