/**
 * How much may wait: for one endpoint, and for all endpoints of a tenant. What is beyond becomes no delivery but part
 * of a gap, from which it is recovered, so that a receiver which is away costs a bounded table and no event.
 */
export interface BacklogLimits {
  readonly endpoint: number;
  readonly tenant: number;
}

export type GapReason = 'disabled' | 'backlog_full';

/** Said once when it is reached; said again only after it has been half empty. */
const highShare = 0.8;
const lowShare = 0.5;

export function isHigh(rows: number, limit: number): boolean {
  return rows >= limit * highShare;
}

export function isLow(rows: number, limit: number): boolean {
  return rows < limit * lowShare;
}

/** An event that an endpoint did not get as a delivery. */
export interface Missed {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly messageId: string;
  readonly reason: GapReason;
}

/** Events that an endpoint did not get as deliveries, and that no replay has brought since. */
export interface Gap {
  readonly reason: GapReason;
  readonly firstMessageId: string;
  readonly lastMessageId: string;
  readonly missed: number;
  readonly createdAt: Date;
}

/** What was missed for one reason, as a range of ids. What of the range was delivered all the same, attempts tell. */
export interface MissedRange {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly reason: GapReason;
  readonly firstId: string;
  readonly lastId: string;
  readonly count: number;
}

/** One range for each endpoint and reason, in one order everywhere, so that two batches cannot wait for each other. */
export function rangesOf(missed: readonly Missed[]): MissedRange[] {
  const groups = Map.groupBy(missed, ({ endpointId, reason }) => `${endpointId} ${reason}`);
  return [...groups.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, [first, ...others]]) => others.reduce(widened, rangeOf(first as Missed)));
}

function rangeOf({ tenantId, endpointId, reason, messageId }: Missed): MissedRange {
  return { tenantId, endpointId, reason, firstId: messageId, lastId: messageId, count: 1 };
}

function widened(range: MissedRange, { messageId }: Missed): MissedRange {
  return {
    ...range,
    firstId: messageId < range.firstId ? messageId : range.firstId,
    lastId: messageId > range.lastId ? messageId : range.lastId,
    count: range.count + 1,
  };
}
