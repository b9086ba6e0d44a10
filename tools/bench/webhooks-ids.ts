/**
 * The id of an event of the bench says when it was to be sent and which one it is, so that the receiver needs nothing
 * else to tell its latency: counted from the intended moment, a load that was late cannot hide what it made others
 * wait (coordinated omission). A UUIDv7: milliseconds, their fraction in 4,096ths, and the number in the last 32 bits.
 */
export function idOf(n: number, intendedAt: number): string {
  const ms = Math.floor(intendedAt);
  const time = ms.toString(16).padStart(12, '0');
  const fraction = Math.floor((intendedAt - ms) * 4_096)
    .toString(16)
    .padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fraction}-8000-0000${n.toString(16).padStart(8, '0')}`;
}

export const numberOf = (id: string): number => parseInt(id.slice(28), 16);

export const intendedAtOf = (id: string): number =>
  parseInt(id.slice(0, 8) + id.slice(9, 13), 16) + parseInt(id.slice(15, 18), 16) / 4_096;

/** What the processes of a run share of a clock: epoch milliseconds with a fraction, which no step of it moves. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** Events `from` to `from + count - 1`, at an even rate; `weights`: each tenant's share of them. */
export interface Phase {
  readonly from: number;
  readonly count: number;
  /** Events a second; 0 is as fast as it goes. */
  readonly rate: number;
  readonly weights: readonly number[];
  /** So many aggregates, each of which has its events in order; absent: one of its own for each event. */
  readonly keys?: number;
}

/** The tenant of each event, by nothing but its number: publisher and ledger agree without a word. */
export function tenantsOf({ weights, from, keys }: Phase): (n: number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const upTo = weights.map((weight) => (sum += weight) / total);
  return (n) => {
    // An aggregate keeps its tenant.
    const at = scattered(keys === undefined ? n : (n - from) % keys);
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** A number in [0, 1) that looks like chance and is always the same for one `n`. */
export function scattered(n: number): number {
  let t = Math.imul(n + 1, 0x9e3779b1);
  t = Math.imul(t ^ (t >>> 16), 0x21f0aaad);
  t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
  return ((t ^ (t >>> 15)) >>> 0) / 4_294_967_296;
}
