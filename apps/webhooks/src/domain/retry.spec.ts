import fc from 'fast-check';
import { defaultSchedule, nextAttemptAt, retryAfterMaxMs, retryAfterMs } from './retry.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('nextAttemptAt', () => {
  it('makes ten attempts over 75 h 35 min', () => {
    expect(defaultSchedule).toHaveLength(10);
    expect(defaultSchedule.reduce((sum, wait) => sum + wait, 0)).toBe((75 * 60 + 35) * 60_000 + 5_000);
  });

  it('never tries early, and adds at most a fifth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 2 * retryAfterMaxMs }), random, (attempts, hint, r) => {
        const at = nextAttemptAt({ schedule: defaultSchedule, attempts, retryAfterMs: hint, now, random: r });
        const atLeast = Math.max(defaultSchedule[attempts] ?? 0, Math.min(hint, retryAfterMaxMs));
        const wait = (at?.getTime() ?? 0) - now.getTime();
        expect(wait).toBeGreaterThanOrEqual(atLeast);
        expect(wait).toBeLessThanOrEqual(atLeast * 1.2 + 1);
      }),
    );
  });

  it('is over after the last attempt, whatever the receiver asks', () => {
    const input = { schedule: defaultSchedule, retryAfterMs: 60_000, now, random: 0 };
    expect(nextAttemptAt({ ...input, attempts: 9 })).not.toBeNull();
    expect(nextAttemptAt({ ...input, attempts: 10 })).toBeNull();
    expect(nextAttemptAt({ ...input, attempts: 11 })).toBeNull();
  });
});

describe('retryAfterMs', () => {
  it.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['999999999', retryAfterMaxMs],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['Fri, 01 Mar 2126 12:00:00 GMT', retryAfterMaxMs],
    ['soon', 0],
    ['-5', 0],
    ['1.5', 0],
    ['', 0],
    [null, 0],
  ])('%j is %d ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });

  it('is never negative and never above the cap', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const wait = retryAfterMs(header, now);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(retryAfterMaxMs);
      }),
    );
  });
});
