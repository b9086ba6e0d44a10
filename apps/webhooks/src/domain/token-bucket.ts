/** Sums of thirds of a millisecond must not make anybody wait a whole one. */
const tolerance = 1e-6;

/**
 * So many requests a second, and at most one second's worth at once: kept as the instant at which the bucket would be
 * full again, which nothing has to refill. Times are milliseconds of a monotonic clock: a step of the wall clock must
 * neither open nor close it.
 */
export class TokenBucket {
  private fullAt = -Infinity;
  private readonly tokenMs: number;

  constructor(readonly perSecond: number) {
    this.tokenMs = 1000 / perSecond;
  }

  /** How long until the next request may start; 0: now. */
  waitMs(now: number): number {
    return Math.max(0, Math.ceil(this.fullAt + this.tokenMs - 1000 - now - tolerance));
  }

  take(now: number): void {
    this.fullAt = Math.max(this.fullAt, now) + this.tokenMs;
  }

  isFull(now: number): boolean {
    return this.fullAt <= now;
  }
}
