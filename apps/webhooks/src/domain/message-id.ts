const dayMs = 86_400_000;
const aheadMaxMs = dayMs;

/** The instant in a UUIDv7: its first 48 bits are milliseconds. */
export function idTime(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * Why a message with this id cannot be kept, or null. Messages are kept by the day in their id: one from the future
 * would outlive its retention, one older than that has no day any more.
 */
export function misplacement(id: string, now: Date, keepDays: number): string | null {
  const aheadMs = idTime(id) - now.getTime();
  if (aheadMs > aheadMaxMs) return 'is dated more than a day ahead';
  return aheadMs < -keepDays * dayMs ? `is dated before the ${keepDays} days that messages are kept` : null;
}
