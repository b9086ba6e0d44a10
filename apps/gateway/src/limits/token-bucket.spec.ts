import { TokenBuckets } from './token-bucket.ts';

const start = 1_000_000;

describe('TokenBuckets', () => {
  it('allows a burst, then refuses and says when to come back', () => {
    const buckets = new TokenBuckets({ perSecond: 2, burst: 3 });
    expect([1, 2, 3].map(() => buckets.take('a', start).remaining)).toEqual([2, 1, 0]);
    expect(buckets.take('a', start)).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 1, resetSeconds: 2 });
  });

  it('refills at the rate of the policy, never above the burst', () => {
    const buckets = new TokenBuckets({ perSecond: 2, burst: 3 });
    for (let i = 0; i < 3; i++) buckets.take('a', start);
    expect(buckets.take('a', start + 499).allowed).toBe(false);
    expect(buckets.take('a', start + 500).allowed).toBe(true);
    expect(buckets.peek('a', start + 3_600_000).remaining).toBe(3);
  });

  it('keeps keys apart', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
    expect(buckets.take('a', start).allowed).toBe(true);
    expect(buckets.take('b', start).allowed).toBe(true);
    expect(buckets.take('a', start).allowed).toBe(false);
  });

  it('does not go backwards with the clock', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
    buckets.take('a', start);
    expect(buckets.take('a', start - 60_000).allowed).toBe(false);
  });

  it('bounds its memory by forgetting the key that was idle longest', () => {
    const buckets = new TokenBuckets({ perSecond: 0.001, burst: 1 }, 2);
    for (const key of ['a', 'b']) buckets.take(key, start);
    buckets.peek('a', start);
    buckets.take('c', start);
    expect(buckets.peek('a', start).allowed).toBe(false);
    expect(buckets.peek('b', start).allowed).toBe(true);
  });
});
