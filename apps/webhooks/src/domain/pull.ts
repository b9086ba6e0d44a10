/** A message in its tenant's feed, without its body. */
export interface FeedRow {
  /** Places are given in the order of commits and may leave gaps. */
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

export interface PageWish<Row extends FeedRow = FeedRow> {
  /** Where the page before ended. */
  readonly after: bigint;
  readonly limit: number;
  readonly bytesMax: number;
  /** How many rows were asked for: as many that came say that there may be more. */
  readonly scanned: number;
  readonly matches: (row: Row) => boolean;
}

export interface PulledPage {
  readonly ids: readonly string[];
  /** Everything up to here is in the page or of no concern to the consumer: where the next page begins. */
  readonly after: bigint;
  readonly hasMore: boolean;
}

/** The next page out of what follows in the feed: never beyond a message that it leaves out, and never without one. */
export function pickPage<Row extends FeedRow>(rows: readonly Row[], wish: PageWish<Row>): PulledPage {
  const ids: string[] = [];
  let { after } = wish;
  let bytes = 0;
  for (const row of rows) {
    if (wish.matches(row)) {
      const isFull = ids.length >= wish.limit || (ids.length > 0 && bytes + row.size > wish.bytesMax);
      if (isFull) return { ids, after, hasMore: true };
      ids.push(row.id);
      bytes += row.size;
    }
    after = row.position;
  }
  return { ids, after, hasMore: rows.length >= wish.scanned };
}

/** A cursor is of one consumer: another one's would skip what this one has not seen. */
export function cursorKey(consumerId: string, position: bigint): string {
  return `${consumerId}/${position}`;
}

/** The position in a cursor's key; null where it is not one of this consumer. */
export function positionIn(key: string, consumerId: string): bigint | null {
  const [id, position = '', ...rest] = key.split('/');
  if (id !== consumerId || rest.length > 0 || !/^\d{1,18}$/.test(position)) return null;
  return BigInt(position);
}
