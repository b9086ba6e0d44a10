import fc from 'fast-check';
import { judge } from './delivery.ts';
import { defaultSchedule, nextAttemptAt, retryAfterMaxMs, retryAfterMs, scheduleOf } from './retry.ts';

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

describe('F16 Retry-After of every kind', () => {
  const hint = fc.oneof(
    fc.nat({ max: 10_000_000 }).map(String),
    fc
      .date({ min: new Date('2026-02-01'), max: new Date('2027-01-01'), noInvalidDate: true })
      .map((date) => date.toUTCString()),
    fc.constantFrom('9999999999', '99999999999', 'Fri, 31 Dec 9999 23:59:59 GMT', '-1', '0x10', '1e9', 'NaN', '12 13'),
    fc.string(),
    fc.constant(null),
  );
  const status = fc.constantFrom(null, 301, 400, 404, 429, 500, 502, 503);
  /** What the header means, read in another way than the code reads it. */
  const meant = (header: string | null): number => {
    const text = (header ?? '').trim();
    if (text !== '' && [...text].every((digit) => '0123456789'.includes(digit))) {
      return text.length > 10 ? 0 : Number(text) * 1000;
    }
    const isDate = /^[A-Z][a-z]{2}, .* GMT$/.test(text);
    return isDate ? new Date(text).getTime() - now.getTime() : 0;
  };

  it('the wait is the longer of schedule and hint, a day at most, never early, and at most a fifth more', () => {
    fc.assert(
      fc.property(hint, status, fc.integer({ min: 1, max: 9 }), random, (retryAfter, answered, attempt, r) => {
        fc.pre(!/^[A-Za-z]/.test((retryAfter ?? '').trim()) || / GMT$/.test(retryAfter ?? ''));
        const reply = { status: answered, error: null, retryAfter, instruction: null };
        const { dueAt } = judge({ reply, attempt, schedule: defaultSchedule, now, random: r });
        const wait = (dueAt?.getTime() ?? 0) - now.getTime();
        const atLeast = Math.max(defaultSchedule[attempt] ?? 0, Math.min(meant(retryAfter), retryAfterMaxMs));
        expect(wait).toBeGreaterThanOrEqual(atLeast);
        expect(wait).toBeLessThanOrEqual(atLeast * 1.2 + 1);
      }),
    );
  });

  it('the whole endpoint is held for as long as 429 and 503 ask, and for no other answer', () => {
    fc.assert(
      fc.property(hint, status, random, (retryAfter, answered, r) => {
        const reply = { status: answered, error: null, retryAfter, instruction: null };
        const { holdUntil } = judge({ reply, attempt: 1, schedule: defaultSchedule, now, random: r });
        const asked = retryAfterMs(retryAfter, now);
        const held = (answered === 429 || answered === 503) && asked > 0;
        expect(holdUntil?.getTime() ?? null).toBe(held ? now.getTime() + asked : null);
      }),
    );
  });
});

describe('S-121 an endpoint that is down for a while', () => {
  const hour = 3_600_000;
  /** By a clock of its own: when a delivery got through, or null when it was given up, and how often it was tried. */
  function sendWhileDown(downMs: number, jitter: number, schedule = defaultSchedule) {
    let at = new Date(now);
    for (let attempt = 1; ; attempt += 1) {
      const afterMs = at.getTime() - now.getTime();
      const status = afterMs < downMs ? 503 : 204;
      const reply = { status, error: null, retryAfter: null, instruction: null };
      const { result, dueAt } = judge({ reply, attempt, schedule, now: at, random: jitter });
      if (result === 'delivered') return { deliveredAfterMs: afterMs, attempt };
      if (dueAt === null) return { deliveredAfterMs: null, attempt, gaveUpAfterMs: afterMs };
      at = dueAt;
    }
  }

  it('1 hour: delivered at 2 h 35 m', () => {
    expect(sendWhileDown(1 * hour, 0)).toEqual({ deliveredAfterMs: (2 * 60 + 35) * 60_000 + 5_000, attempt: 5 });
  });

  it('30 hours: delivered at 31 h 35 m', () => {
    expect(sendWhileDown(30 * hour, 0)).toEqual({ deliveredAfterMs: (31 * 60 + 35) * 60_000 + 5_000, attempt: 8 });
  });

  it('4 days: exhausted after ten attempts, at 75 h 35 m 05 s, and by 90 h 42 m with all the jitter there is', () => {
    const end = (75 * 60 + 35) * 60_000 + 5_000;
    expect(sendWhileDown(96 * hour, 0)).toEqual({ deliveredAfterMs: null, attempt: 10, gaveUpAfterMs: end });
    const latest = sendWhileDown(96 * hour, 0.999_999).gaveUpAfterMs ?? 0;
    expect(latest).toBeGreaterThan(end);
    expect(latest).toBeLessThanOrEqual((90 * 60 + 42) * 60_000 + 6_000);
  });

  it('its own schedule counts, in whole seconds; without one the platform’s does', () => {
    const own = scheduleOf([0, 10, 20], defaultSchedule);
    expect(sendWhileDown(25_000, 0, own)).toEqual({ deliveredAfterMs: 30_000, attempt: 3 });
    expect(sendWhileDown(31_000, 0, own)).toEqual({ deliveredAfterMs: null, attempt: 3, gaveUpAfterMs: 30_000 });
    expect(scheduleOf(null, defaultSchedule)).toBe(defaultSchedule);
  });
});
