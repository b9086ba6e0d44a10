/** How full a bucket gets and how fast: `burst` at once, `perSecond` for ever. */
export interface BucketPolicy {
  perSecond: number;
  burst: number;
}

export interface BucketState {
  allowed: boolean;
  /** Whole requests left now. */
  remaining: number;
  /** Seconds, rounded up, until one more is allowed (0 when one is allowed now). */
  retryAfterSeconds: number;
  /** Seconds, rounded up, until the bucket is full. */
  resetSeconds: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets by key, in this process's memory: a limit per gateway instance, which protects what stands behind it
 * and needs no round trip. Least recently used keys go first: a forgotten bucket is a full one, so that forgetting
 * never refuses anybody.
 */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly policy: BucketPolicy,
    private readonly keysMax = 10_000,
  ) {}

  /** Takes one token if there is one. */
  take(key: string, nowMs: number): BucketState {
    const bucket = this.refilled(key, nowMs);
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    return this.state(bucket, allowed);
  }

  /** What `take` would answer, without taking. */
  peek(key: string, nowMs: number): BucketState {
    const bucket = this.refilled(key, nowMs);
    return this.state(bucket, bucket.tokens >= 1);
  }

  private refilled(key: string, nowMs: number): Bucket {
    const { perSecond, burst } = this.policy;
    const known = this.buckets.get(key);
    const bucket = known ?? { tokens: burst, at: nowMs };
    const elapsedMs = Math.max(0, nowMs - bucket.at);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs / 1000) * perSecond);
    bucket.at = nowMs;
    if (known) this.buckets.delete(key);
    else if (this.buckets.size >= this.keysMax) this.buckets.delete(this.buckets.keys().next().value!);
    this.buckets.set(key, bucket);
    return bucket;
  }

  private state(bucket: Bucket, allowed: boolean): BucketState {
    const { perSecond, burst } = this.policy;
    return {
      allowed,
      remaining: Math.floor(bucket.tokens),
      retryAfterSeconds: bucket.tokens >= 1 ? 0 : Math.ceil((1 - bucket.tokens) / perSecond),
      resetSeconds: Math.ceil((burst - bucket.tokens) / perSecond),
    };
  }
}
