import { targetOf } from './test-clock.ts';

describe('where a test clock is to go', () => {
  it('to a date, or some days on', () => {
    expect(targetOf({ to: '2025-01-31' }, '2025-01-01')).toBe('2025-01-31');
    expect(targetOf({ days: 1 }, '2025-02-28')).toBe('2025-03-01');
  });

  it('staying is allowed, going back is not', () => {
    expect(targetOf({ to: '2025-01-01' }, '2025-01-01')).toBe('2025-01-01');
    expect(() => targetOf({ to: '2024-12-31' }, '2025-01-01')).toThrow(
      expect.objectContaining({ code: 'test_clock_backwards' }),
    );
  });

  it('goes 366 days at a time, and not one more', () => {
    expect(targetOf({ to: '2026-01-02' }, '2025-01-01')).toBe('2026-01-02');
    expect(() => targetOf({ to: '2026-01-03' }, '2025-01-01')).toThrow(
      expect.objectContaining({ code: 'test_clock_too_far' }),
    );
  });
});
