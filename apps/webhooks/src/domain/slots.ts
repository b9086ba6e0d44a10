const lateMs = 50;
const floorShare = 0.1;

/**
 * Requests that this process may have under way, given how late its event loop runs (99th percentile). A process that
 * is late answers nobody in time: it takes a fifth less at once, and gets it back slowly.
 */
export function slotsFor(current: number, loopDelayP99Ms: number, max: number): number {
  if (loopDelayP99Ms > lateMs) return Math.max(Math.ceil(max * floorShare), Math.floor(current * 0.8));
  return Math.min(max, current + Math.ceil(max * 0.1));
}
