/**
 * Endpoints of which this process knows that no failure of theirs is written down, so that a success of theirs writes
 * nothing. True for one epoch of their shard's lease: while we hold it nobody else writes of them.
 *
 * Batches overlap: what a failure's batch says counts from when it begins until after it has ended, and a success's
 * batch teaches us only what no failure contradicted meanwhile.
 */
export class KnownHealthy {
  private readonly epochs = new Map<string, string>();
  private readonly failing = new Set<string>();

  has(endpointId: string, epoch: string): boolean {
    return this.epochs.get(endpointId) === epoch;
  }

  /** Before and after a failure is written. */
  failed(endpointId: string): void {
    this.epochs.delete(endpointId);
    this.failing.add(endpointId);
  }

  /** Before it is written that an endpoint is well again. */
  asking(endpointId: string): void {
    this.failing.delete(endpointId);
  }

  /** After that is written. */
  recovered(endpointId: string, epoch: string): void {
    if (!this.failing.has(endpointId)) this.epochs.set(endpointId, epoch);
  }
}
