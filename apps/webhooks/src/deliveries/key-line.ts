const hotMax = 10_000;
const looseEveryMs = 5_000;

/**
 * What memory knows of an ordered endpoint's keys, so that nobody has to look through all that is blocked: which keys
 * have a new head, and how far the look at all keys has come. Losing any of it costs time and nothing else.
 */
export class KeyLine {
  /** The next page begins after this key. */
  after = '';
  /** There are keys behind the last page. */
  hasMore = false;
  private readonly hot = new Set<string>();
  private looseAt = -Infinity;

  /** Something of this key was stored, or is done. */
  touch(key: string): void {
    if (this.hot.size < hotMax) this.hot.add(key);
  }

  takeHot(most: number): string[] {
    const keys: string[] = [];
    for (const key of this.hot) {
      if (keys.length === most) break;
      keys.push(key);
      this.hot.delete(key);
    }
    return keys;
  }

  get hasHot(): boolean {
    return this.hot.size > 0;
  }

  /** Rows from before the endpoint kept an order are few and found by looking through all: now and then. */
  isTimeForLoose(now: number): boolean {
    if (now < this.looseAt + looseEveryMs) return false;
    this.looseAt = now;
    return true;
  }
}
