/** Before the first tenant. */
export const FIRST = '00000000-0000-0000-0000-000000000000';

/** How much was found, and the last tenant that had a turn. */
export interface Found {
  readonly count: number;
  readonly last: string | null;
}

/** Whose turn it was last in a pass of the sweep: a hint, so that turns go round. */
export class Turns {
  private after = FIRST;

  /** Of the tenants in real time: `claim` takes up to `limit`, of those after the one that it is given. */
  async take<T extends Found>(limit: number, claim: (after: string) => Promise<T>): Promise<T> {
    const { after } = this;
    const found = await claim(after);
    // A round that ended early begins anew, so that none at the end means none at all.
    this.after = found.count < limit ? FIRST : (found.last ?? FIRST);
    return found.count > 0 || after === FIRST ? found : this.take(limit, claim);
  }
}
