/** The tenants that live in real time at `now`, or the one whose test clock says so. */
export interface SweepTime {
  readonly now: Date;
  readonly tenantId: string | null;
}

export interface SweepScope extends SweepTime {
  /** At most so many in one batch. */
  readonly limit: number;
}

/** At most so many of one tenant, and so many in all. */
export interface ClaimScope extends SweepScope {
  readonly share: number;
  /** In real time: whose turn it is after. */
  readonly after?: string;
}
