/** A seeded generator (mulberry32): one seed, one history. */
export class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from 0, below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** From 1 to `most`. */
  minor(most: bigint): bigint {
    return 1n + BigInt(this.below(Number(most)));
  }

  pick<const T extends readonly unknown[]>(list: T): T[number] {
    return list[this.below(list.length)];
  }

  /** One of few or none. */
  any<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
}
