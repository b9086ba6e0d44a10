/**
 * The ids of webhooks that were worked on: the latest ones, in this process, until it ends. It keeps a demonstration
 * honest. What must not happen twice belongs behind a unique key on the id, in the transaction of the effect itself.
 */
export class SeenIds {
  private readonly works = new Map<string, Promise<void>>();
  private readonly max: number;

  constructor(max = 10_000) {
    this.max = max;
  }

  /** Works unless this id was worked on, or is being. Work that fails is forgotten, so that the next attempt counts. */
  once(id: string, work: () => void | Promise<void>): Promise<void> {
    const known = this.works.get(id);
    if (known !== undefined) return known;
    const done = (async () => work())();
    this.works.set(id, done);
    done.catch(() => this.works.delete(id));
    const [oldest] = this.works.keys();
    if (this.works.size > this.max && oldest !== undefined) this.works.delete(oldest);
    return done;
  }
}
