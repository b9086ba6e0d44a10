import { v7 } from 'uuid';

const bytesEach = 16;
/** Random bytes for 256 ids at a time: asking the system for those of one id takes ten times as long as making it. */
const pool = new Uint8Array(256 * bytesEach);
let used = pool.length;
let msecs = -Infinity;
let sequence = 0;

/** A new UUIDv7: time-ordered, so an index on it grows at one end and "newest first" is `ORDER BY id DESC`. */
export function newId(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const random = pool.subarray(used, (used += bytesEach));
  advance(Date.now(), random);
  return v7({ random, msecs, seq: sequence });
}

/** Within a millisecond, and when the clock goes back, the next number; it begins anywhere in the lower half. */
function advance(now: number, random: Uint8Array): void {
  if (now > msecs) {
    msecs = now;
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(6) & 0x7fff_ffff;
    return;
  }
  sequence = (sequence + 1) >>> 0;
  if (sequence === 0) msecs += 1;
}
