import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

it('gives a second’s worth at once, and after that one at a time', () => {
  const bucket = new TokenBucket(10);
  for (let taken = 0; taken < 10; taken += 1) {
    expect(bucket.waitMs(0)).toBe(0);
    bucket.take(0);
  }
  expect(bucket.waitMs(0)).toBe(100);
  expect(bucket.waitMs(99)).toBe(1);
  expect(bucket.waitMs(100)).toBe(0);
  bucket.take(100);
  expect(bucket.waitMs(100)).toBe(100);
});

it('is full again after a second, and never fuller', () => {
  const bucket = new TokenBucket(3);
  bucket.take(0);
  expect(bucket.isFull(100)).toBe(false);
  expect(bucket.isFull(3_600_000)).toBe(true);
  for (let taken = 0; taken < 3; taken += 1) bucket.take(3_600_000);
  expect(bucket.waitMs(3_600_000)).toBeGreaterThan(0);
});

it('whoever obeys it never has more than its rate and one second’s worth, whenever he asks', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), gaps, (rate, waits) => {
      const bucket = new TokenBucket(rate);
      const taken: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        for (let tries = 0; tries < 5 && bucket.waitMs(now) === 0; tries += 1) {
          bucket.take(now);
          taken.push(now);
        }
      }
      for (const [from, start] of taken.entries()) {
        for (const [at, end] of taken.entries()) {
          if (at >= from) expect(at - from + 1).toBeLessThanOrEqual(rate + (rate * (end - start)) / 1000 + 1e-6);
        }
      }
    }),
    { numRuns: 30 },
  );
});

it('a request may start when its wait is over', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (rate) => {
      const bucket = new TokenBucket(rate);
      for (let taken = 0; taken < rate; taken += 1) bucket.take(0);
      expect(bucket.waitMs(bucket.waitMs(0))).toBe(0);
    }),
  );
});
