import { jest } from '@jest/globals';
import { newId } from './id.ts';

const count = 20_000;

describe('newId', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is a UUIDv7 that carries the present millisecond', () => {
    const before = Date.now();
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const ms = parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now());
  });

  it('never repeats and always rises, also within a millisecond and when the clock goes back', () => {
    const ids: string[] = Array.from({ length: count }, newId);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 60_000);
    ids.push(...Array.from({ length: count }, newId));
    expect(new Set(ids).size).toBe(2 * count);
    expect(ids).toEqual(ids.toSorted());
  });

  it('shares no random bits with its neighbours', () => {
    const tails = Array.from({ length: count }, () => newId().slice(26));
    expect(new Set(tails).size).toBe(count);
  });
});
