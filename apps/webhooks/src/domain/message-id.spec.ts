import fc from 'fast-check';
import { idTime, misplacement } from './message-id.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = new Date('2026-12-01T12:00:00.000Z');
const idAt = (ms: number) => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

describe('the time in an id', () => {
  it('is the one that it was made at, to the millisecond', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => idTime(idAt(ms)) === ms));
  });
});

describe('F26: an id that fits no day', () => {
  it.each([
    [0, null],
    [24 * hour, null],
    [24 * hour + 1, 'is dated more than a day ahead'],
    [400 * day, 'is dated more than a day ahead'],
    [-30 * day, null],
    [-30 * day - 1, 'is dated before the 30 days that messages are kept'],
  ])('%d ms from now: %s', (ms, reason) => {
    expect(misplacement(idAt(now.getTime() + ms), now, 30)).toBe(reason);
  });

  // Random ones, of a producer that does not make UUIDv7, name years like 5000.
  it('is refused when it is a random UUID, but for the few that happen to name these weeks', () => {
    expect(misplacement('f81d4fae-7dec-41d0-a765-00a0c91e6bf6', now, 30)).not.toBeNull();
  });
});
