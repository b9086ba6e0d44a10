/** Keys that were destroyed at a tenant's wish, and what that did to the deliveries that waited. */
export interface Erasure {
  readonly tenantId: string;
  readonly id: string;
  /** `running` until every delivery that waited is aborted; the bodies are unreadable from the start. */
  readonly state: 'running' | 'completed';
  readonly keysDestroyed: number;
  readonly deliveriesAborted: number;
  /** The client that asked. */
  readonly requestedBy: string;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

/** Where the sweep over the tenant's deliveries is. */
export interface ErasureProgress {
  readonly tenantId: string;
  readonly id: string;
  readonly afterDelivery: string | null;
}
