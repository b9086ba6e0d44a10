/**
 * Whether an endpoint gets the events of one subject one after the other. `key_block`: an event waits until those
 * before it were delivered or given up. `key_skip`: until they were tried.
 */
export const orderings = ['none', 'key_block', 'key_skip'] as const;
export type Ordering = (typeof orderings)[number];

export interface QueuedDelivery {
  readonly isOpen: boolean;
  /** Something of its key that was there before it is still open. */
  readonly isBehindAnother: boolean;
}

/**
 * Sending by hand what is not the next of its key breaks the order that the receiver asked for: whoever does it has to
 * say so. One that was settled counts as such, because later ones of its key may have been delivered since.
 */
export function retryBreaksOrder(ordering: Ordering, { isOpen, isBehindAnother }: QueuedDelivery): boolean {
  return ordering !== 'none' && (!isOpen || isBehindAnother);
}
