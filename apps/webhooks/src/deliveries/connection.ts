/** How long the parts of an attempt took, in whole milliseconds; null: the part did not happen. */
export interface AttemptTimings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** From the start of the attempt. */
  readonly firstByteMs: number | null;
  /** Whom we spoke to. For operators: it tells of networks, also of ours. */
  readonly remoteAddress: string | null;
}

export const noTimings: AttemptTimings = {
  ...{ dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, remoteAddress: null },
};

type Part = 'dnsMs' | 'connectMs' | 'tlsMs';

/** The connection of one client, of which there is one at a time: what making it took, and a way to give it up. */
export class Connection {
  private readonly parts: { [Name in Part]?: number } = {};
  private making: { destroy(): unknown } | undefined;
  private address: string | null = null;
  private isAbandoned = false;

  /** A new one is being made; what the one before took is past. */
  begin(): void {
    this.isAbandoned = false;
    this.address = null;
    for (const part of Object.keys(this.parts) as Part[]) delete this.parts[part];
  }

  /** Runs one step of making it and remembers how long that took, also when it failed. */
  async timed<T>(part: Part, step: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await step();
    } finally {
      this.parts[part] = Math.round(performance.now() - started);
    }
  }

  /** What has to be destroyed to give up the step that follows. */
  holds(making: { destroy(): unknown }): void {
    this.making = making;
    if (this.isAbandoned) making.destroy();
  }

  opened(address: string | undefined): void {
    this.making = undefined;
    // Without the zone of a link-local address, which is our interface's name.
    this.address = address?.split('%')[0] ?? null;
  }

  /** Nobody waits for it any more: a connection that is not made yet must not outlive its request. */
  abandon(): void {
    this.isAbandoned = true;
    this.making?.destroy();
    this.making = undefined;
  }

  /** For the request that it was made for; one that finds it open has taken no time for it. */
  takeTimings(): AttemptTimings {
    const { dnsMs = null, connectMs = null, tlsMs = null } = this.parts;
    for (const part of Object.keys(this.parts) as Part[]) delete this.parts[part];
    return { dnsMs, connectMs, tlsMs, firstByteMs: null, remoteAddress: this.address };
  }
}
